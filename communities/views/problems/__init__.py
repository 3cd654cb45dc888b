"""Problems: the register, the brief, what was put to whom, the page behind their link."""
