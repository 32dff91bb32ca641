"""`make chaos`: fault injection into both clouds' chains, from event to POST.

The product's own functions run, composed as they are deployed. The platform around them (queues,
retries, dead letters), the clients of stores and queues, the destinations and the clock are
simulated. Time is virtual: nothing sleeps, and a seed decides what happens.
"""
