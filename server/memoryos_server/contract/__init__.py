"""The contract at run time: routes, validators and validation messages."""
