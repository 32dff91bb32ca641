"""The doors on Azure: what each trigger of function_app.py does, a few lines each."""

import gc

# Neither imports nor events leave cycles: looking for some as often as by default costs a cold
# start some 10 ms.
gc.set_threshold(50_000)
