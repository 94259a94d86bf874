"""Everything about accounts under one name, for the command line and the app."""

from models.operations.change_password import change_password
from models.operations.create_account import AccountError, IssuedPassword, create_account, reset_password
from models.operations.passwords import (
    PasswordFault,
    PasswordFaultError,
    SignInPolicy,
    one_time_password,
    set_password,
)
from models.operations.sign_in import (
    CheckedPassword,
    SignInError,
    SignInFault,
    actor_of,
    check_password,
    purge_sessions,
    resolve_session,
    sign_in,
    sign_out,
)

__all__ = [
    "AccountError",
    "CheckedPassword",
    "IssuedPassword",
    "PasswordFault",
    "PasswordFaultError",
    "SignInError",
    "SignInFault",
    "SignInPolicy",
    "actor_of",
    "change_password",
    "check_password",
    "create_account",
    "one_time_password",
    "purge_sessions",
    "reset_password",
    "resolve_session",
    "set_password",
    "sign_in",
    "sign_out",
]
