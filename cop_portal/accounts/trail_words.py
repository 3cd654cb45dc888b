"""What accounts write into the trail, and the mail they send, in the words of the person who did or got it."""

EVENTS = {
    "address.added": "Added a mail address",
    "address.claimed": "Asked for a code to add a mail address",
    "address.made_primary": "Chose where mail goes",
    "address.removed": "Removed a mail address",
    "api_token.made": "Made a token for the API",
    "api_token.revoked": "Revoked a token for the API",
    "mail.declined": "Asked for no mail but about their own actions",
    "mail.wanted": "Asked for all mail again",
    "reference_data.added": "Added reference data",
    "reference_data.changed": "Changed reference data",
    "role.administrator_given": "Made someone an administrator",
    "role.staff_given": "Made someone HIN staff",
    "role.taken": "Took someone’s role away",
    "user.created": "Set up an account",
    "user.password_removed": "Removed a password",
    "user.renamed": "Corrected a name",
    "user.signed_out_everywhere": "Signed out everywhere",
}
MAILS = {
    "accounts.address_code": "A code that proves a mail address",
    "accounts.primary_moved": "That mail goes to another address",
    "accounts.sign_in_code": "A code to sign in",
}
