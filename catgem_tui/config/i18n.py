"""The words on the screen: English in the source, Mexican Spanish by default whatever LANG says.

Every function looks the translation up when it is called, so a language may be chosen at any time. Strings that are
named before they are shown (tables, registries) are marked with ``N_`` and translated with ``_`` where they are shown.
"""

from __future__ import annotations  # the bootstrap speaks through here on Pythons too old for the rest

import gettext
import os

from catgem_tui.config import assets

DOMAIN = "catgem"
DEFAULT_LANGUAGE = "es_MX"
VARIABLE = "CATGEM_LANGUAGE"


class UnknownLanguage(ValueError):
    """A language the program does not speak."""

    def __init__(self, language: str) -> None:
        self.language, self.known = language, assets.languages()
        super().__init__(f"no language {language!r}; there are: {', '.join(self.known)}")


class _Current:
    """The one chosen language of this process."""

    language: str = ""
    translations: gettext.NullTranslations | None = None


def use(language: str) -> None:
    """Speak this language from now on: ``es_MX`` or ``en``, or a longer or shorter form of one (``es``, ``en_US``).

    Raises UnknownLanguage.
    """
    code = _match(language)
    _Current.translations = catalogue(code)
    _Current.language = code


def check(language: str) -> None:
    """Raises UnknownLanguage unless ``use`` could speak it."""
    _match(language)


def catalogue(code: str) -> gettext.NullTranslations:
    """The words of a language that there is, by its code. Read once, and shared with what argparse says."""
    if code == assets.SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, assets.find_folder("locale"), [code])


def current() -> str:
    """The code of the language spoken now."""
    _translations()
    return _Current.language


def N_(message: str) -> str:
    """Mark a string for the catalogue; translate it with ``_`` where it is shown."""
    return message


def _(message: str) -> str:
    """The message in the current language."""
    return _translations().gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of the message for ``count``."""
    return _translations().ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """The message as it is said in ``context``, for words whose translation depends on it."""
    return _translations().pgettext(context, message)


def _translations() -> gettext.NullTranslations:
    if _Current.translations is None:
        try:
            use(os.environ.get(VARIABLE) or DEFAULT_LANGUAGE)
        except UnknownLanguage:
            use(DEFAULT_LANGUAGE)
    assert _Current.translations is not None  # noqa: S101 - set by use()
    return _Current.translations


def _match(language: str) -> str:
    wanted = language.replace("-", "_").partition(".")[0]
    known = assets.languages()
    if wanted in known:
        return wanted
    stem = wanted.partition("_")[0].lower()
    for code in known:
        if code.partition("_")[0] == stem:
            return code
    raise UnknownLanguage(language)
