"""Resource policies of IAM: who may do what, and under which conditions."""
