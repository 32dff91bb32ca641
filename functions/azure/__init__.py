"""The doors on Azure: what each trigger of function_app.py does, a few lines each."""
