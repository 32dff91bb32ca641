"""The functions on AWS, one module each."""

import gc

# Neither imports nor events leave cycles: looking for some as often as by default costs a cold
# start some 5 ms.
gc.set_threshold(50_000)
