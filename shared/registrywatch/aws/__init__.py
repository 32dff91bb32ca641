"""Everything that only AWS needs: stores, queues, alarms, the self-check."""
