"""Problems and their reach: the register, the brief, putting it to someone, the answer."""
