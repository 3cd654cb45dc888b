"""What is made of the records for people to read and to take away."""
