"""Pages to look at: each is one HTML file that needs no network and no server."""
