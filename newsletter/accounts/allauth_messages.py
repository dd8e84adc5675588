"""Our sentences and emails for those of django-allauth, by the names of its templates.

tests/accounts checks that each that an enabled page can reach has one of ours.
"""

# An empty sentence says nothing: the page says it already.
MESSAGES = {
    "account/messages/logged_in.txt": "",
    "account/messages/logged_out.txt": "",
    "account/messages/password_changed.txt": "Your password has been changed. All your other sessions have ended.",
    "account/messages/password_set.txt": "Your password has been set. All your other sessions have ended.",
    "account/messages/email_confirmation_sent.txt": (
        "To confirm the address, open the link in the email that we have sent you."
    ),
    "account/messages/email_confirmed.txt": "Your address has been confirmed.",
    "account/messages/email_deleted.txt": "The address has been removed.",
    "account/messages/primary_email_set.txt": "Your address has been changed.",
    "account/messages/cannot_delete_primary_email.txt": "You cannot remove your account’s address.",
    "account/messages/email_confirmation_failed.txt": (
        "We could not confirm this address, because another account already uses it."
    ),
    "account/messages/unverified_primary_email.txt": "Confirm the address before you use it for your account.",
    "mfa/messages/totp_activated.txt": "The authenticator app has been set up.",
    "mfa/messages/totp_deactivated.txt": "The authenticator app has been removed.",
    "mfa/messages/recovery_codes_generated.txt": "",
    "mfa/messages/webauthn_added.txt": "The passkey has been added.",
    "mfa/messages/webauthn_removed.txt": "The passkey has been removed.",
    "usersessions/messages/sessions_logged_out.txt": "Your other sessions have ended.",
}
ACCOUNT = "See your account"
# The name of our text in templates/email/account/texts/, and the label of its button.
MAILS = {
    "account/email/password_changed": ("password-changed", ACCOUNT),
    "account/email/password_set": ("password-changed", ACCOUNT),
    "account/email/password_reset": ("password-changed", ACCOUNT),
    "account/email/password_reset_key": ("password-forgotten", "Choose a new password"),
    "account/email/email_confirmation": ("address-confirm", "Confirm the address"),
    "account/email/email_changed": ("address-changed", ACCOUNT),
    "account/email/email_deleted": ("address-changed", ACCOUNT),
    "mfa/email/totp_activated": ("app-added", ACCOUNT),
    "mfa/email/totp_deactivated": ("app-removed", ACCOUNT),
    "mfa/email/webauthn_added": ("passkey-added", ACCOUNT),
    "mfa/email/webauthn_removed": ("passkey-removed", ACCOUNT),
    "mfa/email/recovery_codes_generated": ("codes-made", ACCOUNT),
}
