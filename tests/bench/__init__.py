"""What the portal costs beside what the framework costs on this machine, in one run (`make bench`)."""
