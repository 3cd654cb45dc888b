"""What can be done in a community: each verb is a function here, and each refusal is named beside it."""
