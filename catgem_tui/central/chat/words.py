"""What the citizen's page says, in the citizen's language; the workstation's language does not matter here."""

import gettext

from catgem_tui.config import i18n
from catgem_tui.config.i18n import N_

LANGUAGES = {"es": "es_MX", "en": "en"}
"""On the page to in the catalogue. The first is the default."""

PAGE = {
    "title": N_("Chat with the contact centre"),
    "noscript": N_("This chat needs JavaScript. If your browser has none, please call us or write us an e-mail."),
    "privacy_title": N_("Before we begin: privacy notice"),
    "privacy_use": N_(
        "What you write here, and your name and e-mail if you give them, are kept to answer your request and to "
        "account for the service. Only those who attend you and those who look after the quality of the service "
        "read them."
    ),
    "privacy_rights": N_(
        "You may ask at any time what we keep about you, have it corrected or deleted, or object to its use "
        "(access, rectification, cancellation and objection rights)."
    ),
    "privacy_secrets": N_("Please do not share passwords or bank card numbers."),
    "consent": N_("I have read the privacy notice and agree"),
    "name": N_("Your name (optional)"),
    "email": N_("Your e-mail (optional)"),
    "begin": N_("Begin the chat"),
    "log": N_("Conversation"),
    "text": N_("Your message"),
    "send": N_("Send"),
    "leave": N_("End the chat"),
    "ended": N_("The chat has ended"),
    "question": N_("How was the attention you received?"),
    "score_5": N_("Very good"),
    "score_4": N_("Good"),
    "score_3": N_("Fair"),
    "score_2": N_("Bad"),
    "score_1": N_("Very bad"),
    "again": N_("Begin another chat"),
}
"""Words of the template."""

PRIVACY_LINK = N_("Full privacy notice")

SCRIPT = {
    "connecting": N_("Connecting…"),
    "lost": N_("The connection was lost. Trying again; what you have written is kept."),
    "ready": N_("Connected. Write your question to begin."),
    "waiting": N_("Your message has arrived. An advisor will attend you as soon as one is free."),
    "joined": N_("You are talking with {name}."),
    "advisor": N_("the advisor"),
    "folio": N_("Your folio is {folio}."),
    "you": N_("You"),
    "sending": N_("sending…"),
    "not_sent": N_("not sent"),
    "thanks": N_("Thank you for your answer."),
    "leave_sure": N_("Do you want to end the chat?"),
    "no_socket": N_("This browser is too old for the chat. Please call us or write us an e-mail."),
    "error_malformed": N_("That could not be sent. Please reload the page."),
    "error_not_started": N_("That could not be sent. Please reload the page."),
    "error_consent_needed": N_("To begin, please accept the privacy notice."),
    "error_too_long": N_("The message is too long: {limit} characters at most. Please shorten it or send it in parts."),
    "error_empty": N_("Please write a message."),
    "error_full": N_("All our chat lines are taken at this moment. Please try again in a few minutes."),
    "error_ended": N_("This chat has already ended."),
    "error_unavailable": N_("The service cannot store messages at this moment. We will try again."),
    "error_bad_score": N_("Please choose from 1 to 5."),
}
"""Words that the page's script shows."""


def translations(language: str) -> gettext.NullTranslations:
    """The catalogue for ``es`` or ``en``."""
    return i18n.catalogue(LANGUAGES[language])


def choose_language(wanted: str, accepted: str) -> str:
    """``es`` or ``en``: as asked for, else what the browser prefers (Accept-Language, RFC 9110 12.5.4), else ``es``."""
    if wanted in LANGUAGES:
        return wanted
    best, weight = next(iter(LANGUAGES)), 0.0
    for part in accepted.split(","):
        tag, _separator, parameters = part.strip().partition(";")
        quality = 1.0
        if parameters.strip().startswith("q="):
            try:
                quality = float(parameters.strip()[2:])
            except ValueError:
                quality = 0.0
        language = tag.partition("-")[0].lower()
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best
