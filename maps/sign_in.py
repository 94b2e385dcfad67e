"""The page at ``/sign-in``: a form for name and password, or the way to an issuer; no map."""

from enum import StrEnum

from maps.assets import templates
from maps.words.catalogue import words


class SignInFault(StrEnum):
    """Why the last try failed: the key of its text."""

    WRONG = "sign_in.wrong"
    TOO_OFTEN = "sign_in.too_often"
    FOREIGN = "sign_in.foreign"
    NOT_BEGUN = "sign_in.not_begun"
    NO_ROLE = "sign_in.no_role"
    NO_ISSUER = "sign_in.no_issuer"
    FORM = "sign_in.form"
    HOST = "sign_in.host"
    UNAVAILABLE = "sign_in.unavailable"
    FULL = "sign_in.full"
    FAULT = "sign_in.fault"


def sign_in_html(
    lang: str, *, issuer: bool = False, fault: SignInFault | None = None, root: str = ""
) -> str:
    """Return the page.

    Parameters
    ----------
    lang : str
    issuer : bool, default False
        Whether an issuer vouches for people.
    fault : SignInFault, optional
    root : str, default ""
        Way from the address of the page to the root of the service, for instance ``../``.

    Raises
    ------
    InputError
        If `lang` is not one of :data:`geo.messages.LANGUAGES`.
    """
    template = templates().get_template("sign_in.html")
    other = "en" if lang == "zh" else "zh"
    return template.render(
        lang=lang, other=other, w=words(lang), issuer=issuer, fault=fault, root=root
    )
