"""`make chaos`: both clouds' chains, from event to POST, on a platform in which everything fails.

The product's own functions run, composed as they are deployed. Simulated are the platform around
them (queues, retries, dead letters), the stores' and queues' clients, the destinations and the
clock. Time is virtual: nothing sleeps, and a seed decides what happens.
"""
