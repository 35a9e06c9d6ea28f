"""English."""

from typing import Final

NAME: Final = "English"

MONTHS: Final = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

DATE: Final = "{day} {month} {year}"

WORDS: Final = {
    # -- answers
    "yes": "Yes",
    "no": "No",
    "save": "Save",
    "language": "Language",
    "question.both": (
        "May {account} see whether you open its mails and which of their links you click? It would use this to"
        " measure its mails, to choose what to send you, and to be told when you react."
    ),
    "question.OPENS": (
        "May {account} see whether and when you open its mails? It would use this to measure its mails, to choose"
        " what to send you, and to be told when you open one."
    ),
    "question.CLICKS": (
        "May {account} see which links you click in its mails? It would use this to measure its mails, to choose"
        " what to send you, and to be told when you click."
    ),
    # -- the preference center
    "preferences.title": "You and the mails of {account}",
    "preferences.whose": "These settings are for {address}.",
    "preferences.today": "What {account} sees today",
    "preferences.today.note": (
        "This is how newsletters are sent to you now. Other mails may show less, and none shows more than your answer allows."
    ),
    "preferences.choice": "Your answer",
    "preferences.choice.hint": "You get the same mails either way. You can change this at any time.",
    "preferences.apart": "Answer for opens and clicks apart",
    "preferences.apart.hint": "Each is saved on its own. The other stays as it is.",
    "preferences.lists": "Your mailing lists",
    "preferences.lists.none": "You are on no mailing list of {account}.",
    "preferences.lists.left": "left",
    "preferences.lists.waiting": "waiting for your confirmation",
    "preferences.leave": "Leave",
    "preferences.leave.named": "Leave {list}",
    "preferences.leave.all": "Leave all lists",
    "preferences.return": "Come back",
    "preferences.return.named": "Come back to {list}",
    "preferences.lists.hint": "Leaving a list does not change your answer above.",
    "preferences.masked": (
        "A mail may be forwarded. That is why a link from a mail shows only a part of your address."
    ),
    "preferences.fresh": "You came with a private link. It works until {time} on {date}.",
    "preferences.fresh.ask": "Mail me a private link",
    "gpc.note": (
        "Your browser sends the Global Privacy Control signal. Opens and clicks from it are never tied to you unless"
        " you yourself say yes and {account} lets that count. No is chosen below; nothing is saved until you save it."
    ),
    # -- what is seen, per axis and mode
    "axis.OPENS": "Opening mails",
    "axis.CLICKS": "Clicking links",
    "sees.OPENS.PERSONAL": "{account} can see that you open a mail, and when.",
    "sees.OPENS.ANONYMOUS": "Opens are counted, and the count says nothing about you.",
    "sees.OPENS.OFF": "Nobody sees whether you open a mail.",
    "sees.CLICKS.PERSONAL": "{account} can see which links you click, and when.",
    "sees.CLICKS.ANONYMOUS": "Clicks are counted, and the count says nothing about you.",
    "sees.CLICKS.OFF": "Nobody sees which links you click.",
    # -- why: "tracked", then "because"
    "tracked.OPENS.PERSONAL": "Opens are tracked",
    "tracked.OPENS.ANONYMOUS": "Opens are counted without your name",
    "tracked.OPENS.OFF": "Opens are not tracked",
    "tracked.CLICKS.PERSONAL": "Clicks are tracked",
    "tracked.CLICKS.ANONYMOUS": "Clicks are counted without your name",
    "tracked.CLICKS.OFF": "Clicks are not tracked",
    "because.SAID_YES": "because you said yes {when}",
    "because.SAID_NO": "because you said no {when}",
    "because.NEVER_ASKED": "because you have not been asked yet",
    "because.ASKED_NO_ANSWER": "because you were asked and have not answered",
    "because.NOTIFIED_NO_OBJECTION": "because you were told about it and did not object",
    "because.LAPSED": "because your earlier yes has run out",
    "because.unless_no": "{silence}, and {account} includes everybody who has not said no",
    "because.CHANNEL_DEFAULT": "because {account} has chosen this for all of its newsletters",
    "because.ANONYMOUS_SWITCH": "because {account} counts its newsletters without names",
    "because.KILL_SWITCH": "because all tracking is switched off here",
    "because.MAILING_MODE": "because the mailing itself is set that way",
    "because.MAILING_PERMISSION_BASED": "because the mailing goes by everybody's own answer",
    "because.SERVICE_MAIL": "because mails that ask, confirm or bring this page are never tracked",
    "because.NO_WAY_OUT": "because the mail has no link to this page, and {account} requires one",
    "because.NOTHING_TO_TRACK": "because there is nothing in the mail that could be tracked",
    "because.RELAY_WITHOUT_CONSENT": "because nobody said where your consent is kept",
    "because.TOGGLED_OFF": "because tracking was switched off for this mail",
    "because.FROZEN_AT_SENDING": "because this was decided when the mail was sent",
    "because.PRIVACY_SIGNAL": "because your browser sends the Global Privacy Control signal",
    "because.NOBODY_ADDRESSED": "because the mail names no recipient",
    "because.UNREADABLE": "because something could not be read, and in doubt nobody is tracked",
    "when.on": "on {date}",
    "place.FORM": "in a sign-up form",
    "place.PREFERENCE_CENTER": "in the preference center",
    "place.ONE_CLICK": "by one click from a mail",
    "place.REQUEST_MAIL": "in answer to a mail",
    "place.records": "according to the records of {account}",
    "place.MERGE": "under another address of yours",
    # -- what happened
    "saved.title": "Saved",
    "saved.YES.both": "You said yes: {account} may see whether you open its mails and which links you click.",
    "saved.NO.both": "You said no: {account} no longer sees whether you open its mails or which links you click.",
    "saved.YES.OPENS": "You said yes to opens. Your answer on clicks stayed as it was.",
    "saved.NO.OPENS": "You said no to opens. Your answer on clicks stayed as it was.",
    "saved.YES.CLICKS": "You said yes to clicks. Your answer on opens stayed as it was.",
    "saved.NO.CLICKS": "You said no to clicks. Your answer on opens stayed as it was.",
    "saved.mixed": "Your two answers were saved.",
    "saved.same": "This was your answer already, so nothing changed.",
    "saved.effect.NO": (
        "This holds from now on, also for mails that you already have. Mails that only count without names go on"
        " counting: nothing in them points to you."
    ),
    "saved.effect.YES": "This holds from now on. A mail that was sent to you untracked stays untracked.",
    "saved.undo": "To undo it, choose the other answer below and save.",
    "saved.left": "You have left the list {list}.",
    "saved.left.all": "You have left all mailing lists of {account}.",
    "saved.left.none": "You were on no list any more, so nothing changed.",
    "saved.left.effect": "This holds at once; a mail that is on its way may still arrive. Your answer on tracking stayed as it was.",
    "saved.left.undo": "To undo it, have a private link mailed to you and come back to the list there.",
    "saved.left.undo.here": "To undo it, come back to the list below.",
    "saved.returned": "You are back on the list {list}.",
    "saved.returned.effect": "This holds at once.",
    "saved.returned.undo": "To undo it, leave the list below.",
    # -- the rights of a person
    "rights.title": "What is recorded about you",
    "rights.data": "Download everything about you (ZIP)",
    "rights.receipt": "Download the receipt of your answers (JSON)",
    "rights.stop": "Stop and erase what was recorded",
    "rights.stop.hint": (
        "Your answer becomes no, and every open and click recorded about you is deleted. You go on getting the mails."
    ),
    "rights.erase": "Erase me",
    "rights.erase.text": (
        "Your address, your lists and everything that you did are deleted, and nobody can bring them back. {account}"
        " keeps totals that say nothing about you, and a mark made from your address, so that you are not added again."
    ),
    "rights.erase.button": "Erase me for good",
    "saved.severed": "You said no, and everything recorded about your opens and clicks has been deleted.",
    "saved.severed.effect": "This holds at once, also for mails that you already have.",
    "saved.severed.undo": "What was deleted cannot be brought back. Your answer can be changed below.",
    "erased.title": "You have been erased",
    "erased.text": "Nothing is recorded about you here any more, and no mail that you still have can change that.",
    "erased.undo": "If you want mails again one day, sign up again and confirm it. Nobody else can bring you back.",
    # -- one click
    "stop.title": "Stop being tracked",
    "stop.text": (
        "{account} will no longer see whether you open its mails or which links you click, those that you already"
        " have included. You go on getting the mails."
    ),
    "stop.button": "Stop tracking",
    "stop.done": "Tracking is stopped",
    "stop.undo": "To undo it, say yes on your settings page.",
    "unsubscribe.title": "Leave the list",
    "unsubscribe.text": "You will no longer get the mails of {list}.",
    "unsubscribe.text.all": "You will no longer get any mailing list of {account}.",
    "unsubscribe.button": "Leave the list",
    "unsubscribe.done": "You have left the list",
    "settings.link": "See all your settings",
    # -- a link that does not work, and a new one
    "request.title": "Get to your settings",
    "request.text": "Give your e-mail address, and we mail you a private link. It works for 24 hours.",
    "request.email": "E-mail address",
    "request.button": "Mail me the link",
    "request.done.title": "Look into your mailbox",
    "request.done.text": "If this address is known here, a mail with your private link is on its way.",
    "request.again": "Ask again",
    "invalid.title": "This link does not work",
    "invalid.text": "It is incomplete or damaged. Give your e-mail address, and we mail you a new one.",
    # -- sign-up forms
    "form.email": "E-mail address",
    "form.title": "Sign up for {list}",
    "form.title.account": "Sign up with {account}",
    "form.optional": "You can sign up whatever you answer, and without an answer.",
    "form.button": "Sign up",
    "form.trap": "Leave this field empty",
    "form.sent.title": "One more step",
    "form.sent.text": "We have sent you a mail. Open the link in it and confirm that you want to sign up.",
    "form.done.title": "Thank you",
    "form.done.text": "Your sign-up has arrived. If you left before, a mail asks you to confirm that you come back. You can change your mind at any time, from every mail.",
    "form.wrong.required": "{field}: please fill this in.",
    "form.wrong.TEXT": "{field}: at most 500 characters, please.",
    "form.wrong.NUMBER": "{field}: please give a number, such as 12 or 1.5.",
    "form.wrong.DATE": "{field}: please give a day, such as 2026-11-22.",
    "form.wrong.BOOLEAN": "{field}: please tick it or leave it.",
    "form.back": "Back to the form",
    "confirm.title": "Confirm your sign-up",
    "confirm.list": "{address} joins the list {list} of {account}.",
    "confirm.account": "{address} signs up with {account}.",
    "confirm.yes.both": "You say yes to this:",
    "confirm.yes.OPENS": "For opening mails, you say yes to this:",
    "confirm.yes.CLICKS": "For clicking links, you say yes to this:",
    "confirm.button": "Confirm",
    "confirm.done.title": "You are signed up",
    "confirm.done.text": "Thank you, your sign-up is confirmed.",
    "confirm.already": "This sign-up was confirmed already, so nothing changed.",
    "confirm.undo": "You can change your answer or leave at any time: every mail has a link to your settings.",
    "confirm.invalid": "This link belongs to no sign-up. Please fill in the form again.",
    # -- problems
    "problem.title": "This did not work",
    "problem.404": "There is no such page.",
    "problem.405": "This page does not take that kind of request.",
    "problem.413": "This is more than the page takes: at most 64 kB.",
    "problem.422": "Something that was sent could not be understood. Go back, look at it, and send it again.",
    "problem.403": "This form may not be sent from that website.",
    "problem.429": "Too much has come from your network just now. Nothing was changed. Please try again in a minute.",
    "problem.500": "A mistake of ours got in the way. Nothing was changed. Please try again later.",
    "problem.503": "We cannot reach our records right now. Nothing was changed. Please try again in a minute.",
    "problem.email": "This is not an e-mail address. Write it as name@example.org.",
    "problem.answer": "The question is answered with yes or no, or left open.",
    "problem.redirect": "The form may not lead on to that address.",
    "problem.list": "This form does not belong to that list.",
    # -- mails
    "mail.confirm.subject": "Please confirm your sign-up with {account}",
    "mail.confirm.text": "Somebody, presumably you, has signed up with this address. Please confirm it:",
    "mail.confirm.button": "Confirm the sign-up",
    "mail.confirm.else": "If it was not you, do nothing. Without a confirmation nothing is sent to you.",
    "mail.link.subject": "Your settings with {account}",
    "mail.link.text": "Here is the private link to your settings. It works for 24 hours; please do not pass it on.",
    "mail.link.button": "Open my settings",
    "mail.link.else": "If you did not ask for it, do nothing. Nothing was changed.",
    "mail.ask.subject": "A question from {account}",
    "mail.ask.text": "{account} would like to ask you something about the mails that it sends you:",
    "mail.ask.button": "Answer yes or no",
    "mail.ask.else": "Either answer takes one click. You get the same mails whatever you answer, and without an answer.",
    "mail.untracked": "This mail is not tracked.",
}
