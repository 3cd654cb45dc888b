"""What can be said of a questionnaire before anyone is asked: ways through it, minutes, reading ages. Pure rules."""
