"""What only AWS needs: its stores, its queues, its secrets."""
