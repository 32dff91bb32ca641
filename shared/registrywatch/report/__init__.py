"""The HTML reports: each is one file that needs no network and no server."""
