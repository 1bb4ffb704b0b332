"""What the staff page says to whoever signs in, and to whoever looks after the accounts."""

NO_ACCESS = (
    "This login has no access at present. Ask the person who looks after the staff page; they can "
    "see whether the login is missing, has ended, or stands twice."
)
NOT_YOURS = (
    "access: this page may show the records of the person who signed in, as their login allows, "
    "and nothing else. Open them with `wb.open_mine(settings)`."
)
NOT_SIGNED_IN = "You are not signed in any more. Sign in again."
NOT_READ_AGAIN = (
    "serve: the export cannot be read at present, so what was loaded before is served on. "
    "`workbench check` says why."
)
NOT_ON_YOUR_LIST = "access: this case is not on your list today, so nothing was noted."
ONLY_SERVED = (
    "calls: who was called is noted on the staff page only, by whoever signed in there "
    "(`workbench serve`)."
)
ONLY_SERVICE = "calls: who was called is read by the service only."
NOT_A_RESULT = "calls: the result of a call is 'reached' or 'not reached'."
BAD_LOGIN = "user: a login is a name or an e-mail address of at most 254 letters."
WRONG_SIGN_IN = (
    "Login and password do not belong together. Try again, or ask the person who looks after the "
    "staff page for a new password."
)


def bad_password(shortest: int, longest: int) -> str:
    """A password that is too short, too long, or the login itself."""
    return (
        f"user: a password has {shortest} to {longest} letters and is not the login. "
        "Three or four words that do not go together are easy to keep in mind."
    )


def no_account(login: str) -> str:
    """A login without a password."""
    return f"user: {login!r} has no password here. `workbench user list` lists those who have."


def bad_account_file(name: str) -> str:
    """The password file cannot be read."""
    return (
        f"{name}: this is not a password file that can be read, so nobody can sign in. Put back "
        "a copy, or delete it and add the users again."
    )


def no_folder(name: str, why: str | None) -> str:
    """The folder of the staff page cannot be made or used."""
    return (
        f"staff.folder: {name!r} cannot be used ({why}). Name a folder of your own under [staff]."
    )


def no_port(port: int, why: str | None) -> str:
    """The server cannot listen."""
    return f"serve: port {port} cannot be used ({why}). Choose another with --port."


def no_oauth(variable: str) -> str:
    """Signing in with an organisation's accounts is not set up."""
    return (
        f"staff.oauth: put the provider's secret into the environment variable {variable}, and the "
        "address of the staff page, as the provider knows it, into staff.origins."
    )


def serving(address: str) -> str:
    """Where the staff page is."""
    return f"The staff page is at {address} (Ctrl+C ends it)."


def locked(seconds: float) -> str:
    """Too many wrong passwords: how long to wait."""
    return (
        f"There were too many wrong passwords. Wait {_wait(seconds)}, then try again. Until then "
        "no password is looked at, not even the right one."
    )


def account_added(login: str, new: bool) -> str:
    """What `workbench user add` did."""
    return f"{login}: may sign in now." if new else f"{login}: has a new password."


def made_up(password: str) -> str:
    """The password that was made up, told once."""
    return f"Password: {password} (kept nowhere: give it to them now)"


def account_removed(login: str) -> str:
    """What `workbench user remove` did."""
    return f"{login}: cannot sign in any more, and is signed out within a minute."


def _wait(seconds: float) -> str:
    if seconds <= 60:
        return f"{max(1, round(seconds))} seconds"
    return f"{-(-round(seconds) // 60)} minutes"


LOGIN = "Login"
PASSWORD = "Password"  # noqa: S105  the label of the field
SIGN_IN = "Sign in"
SIGN_OUT = "Sign out"
SIGNED_OUT = "You are signed out"
BUSY = "Many people are signing in at once. Wait a moment, then try again."
STALE_FORM = "This form was open for too long. Type your password again."
BROKEN = (
    "This page could not be made, and nothing of yours is lost. Open it again; if that does not "
    "help, tell the person who looks after the staff page which page it was and when."
)
LOST = "You are signed out, or the connection was lost. Open the page again to go on."
PAGES = "Pages"
PAGE_NAMES = {  # in the order of the links; the first is where one arrives
    "caseload": "My list",
    "compare_my_clients": "Compare",
    "client_summary": "Summary",
}
NOT_INSTALLED = "serve: the staff page needs Panel. Install it with `pip install workbench[staff]`."
