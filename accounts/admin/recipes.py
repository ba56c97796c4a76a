"""Rows that the administration suggests while there are hardly any."""

from django.utils.translation import gettext_lazy as _

from .lists import Recipe

TEAMS = (
    Recipe(
        _("Sales"),
        _("Questions before somebody buys"),
        {"slug": "sales", "name": _("Sales"), "offered": True},
    ),
    Recipe(
        _("Support"),
        _("Orders, returns and repairs"),
        {"slug": "support", "name": _("Support"), "offered": True},
    ),
)

CANNED_REPLIES = (
    Recipe(
        _("Shipping time"),
        _("When an order arrives"),
        {
            "title": _("Shipping time"),
            "content": _(
                "We send your order within one working day. It usually arrives two to four days "
                "later, and the parcel's number comes by e-mail."
            ),
        },
    ),
    Recipe(
        _("Refund"),
        _("How somebody gets their money back"),
        {
            "title": _("Refund"),
            "content": _(
                "You can return everything within 14 days. As soon as it is back here, we refund "
                "the price the way you paid; that takes three to five working days."
            ),
        },
    ),
    Recipe(
        _("One moment"),
        _("When you have to look something up"),
        {
            "title": _("One moment"),
            "content": _("I am looking that up for you. One moment, please."),
        },
    ),
)
QUICK_QUESTIONS = (
    Recipe(
        _("How long does shipping take?"),
        _("When an order arrives"),
        {
            "question": _("How long does shipping take?"),
            "answer": _("Your order is on its way within one working day, and with you in 2–4."),
        },
    ),
    Recipe(
        _("Can I return something?"),
        _("How somebody gets their money back"),
        {
            "question": _("Can I return something?"),
            "answer": _("Yes, within 14 days. Write to us, and we send you a label."),
        },
    ),
    Recipe(
        _("When are you there?"),
        _("Your working hours"),
        {
            "question": _("When are you there?"),
            "answer": _("Monday to Friday from 9 to 18 o'clock. At other times leave a message."),
        },
    ),
)
GREETINGS = (
    Recipe(
        _("Help with choosing"),
        _("On every page, after a while"),
        {"text": _("Can I help you choose?"), "seconds": 30},
    ),
    Recipe(
        _("Questions about prices"),
        _("On the page with your prices"),
        {"text": _("Any questions about our prices? Just ask."), "page": "/pricing*"},
    ),
    Recipe(
        _("Welcome back"),
        _("From the third visit on"),
        {"text": _("Good to see you again! Can we help?"), "visits": 3, "seconds": 5},
    ),
)
WEBHOOKS = (
    Recipe(
        _("Note in the order"),
        _("When a conversation is closed"),
        {"events": ["conversation.closed"]},
    ),
    Recipe(
        _("Follow up ratings"),
        _("When a visitor rates"),
        {"events": ["conversation.rated"]},
    ),
    Recipe(_("Own reports"), _("Every event, for a data warehouse"), {}),
)
