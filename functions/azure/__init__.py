"""The functions on Azure: what each trigger of function_app.py does, in a few lines."""

import gc

# Neither imports nor events leave reference cycles: collecting them as often as by default costs a
# cold start about 10 ms.
gc.set_threshold(50_000)
