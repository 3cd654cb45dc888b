"""One community: its overview, its settings and states, its history, rhythm, resources and files to take away."""
