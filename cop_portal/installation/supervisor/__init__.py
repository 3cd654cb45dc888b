"""One process that starts the portal's others, restarts one that dies, and leaves none behind."""
