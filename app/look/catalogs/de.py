"""German."""

from typing import Final

NAME: Final = "Deutsch"

MONTHS: Final = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]

DATE: Final = "{day}. {month} {year}"

WORDS: Final = {
    # -- answers
    "yes": "Ja",
    "no": "Nein",
    "save": "Speichern",
    "language": "Sprache",
    "question.both": (
        "Darf {account} sehen, ob Sie die Mails öffnen und welche Links darin Sie anklicken? {account} würde damit"
        " die Mails auswerten, für Sie aussuchen, was Sie bekommen, und erfahren, wann Sie reagieren."
    ),
    "question.OPENS": (
        "Darf {account} sehen, ob und wann Sie die Mails öffnen? {account} würde damit die Mails auswerten, für Sie"
        " aussuchen, was Sie bekommen, und erfahren, wann Sie eine öffnen."
    ),
    "question.CLICKS": (
        "Darf {account} sehen, welche Links in den Mails Sie anklicken? {account} würde damit die Mails auswerten,"
        " für Sie aussuchen, was Sie bekommen, und erfahren, wann Sie klicken."
    ),
    # -- the preference center
    "preferences.title": "Sie und die Mails von {account}",
    "preferences.whose": "Diese Einstellungen gelten für {address}.",
    "preferences.today": "Was {account} heute sieht",
    "preferences.today.note": (
        "So werden Ihnen Newsletter zurzeit geschickt. Andere Mails zeigen vielleicht weniger, und keine zeigt mehr,"
        " als Ihre Antwort erlaubt."
    ),
    "preferences.choice": "Ihre Antwort",
    "preferences.choice.hint": "Sie bekommen so oder so dieselben Mails. Ändern können Sie das jederzeit.",
    "preferences.apart": "Für Öffnen und Klicken getrennt antworten",
    "preferences.apart.hint": "Jede Antwort wird für sich gespeichert. Die andere bleibt, wie sie ist.",
    "preferences.lists": "Ihre Verteiler",
    "preferences.lists.none": "Sie stehen auf keinem Verteiler von {account}.",
    "preferences.lists.left": "verlassen",
    "preferences.lists.waiting": "wartet auf Ihre Bestätigung",
    "preferences.leave": "Verlassen",
    "preferences.leave.named": "{list} verlassen",
    "preferences.leave.all": "Alle Verteiler verlassen",
    "preferences.return": "Zurückkehren",
    "preferences.return.named": "Zu {list} zurückkehren",
    "preferences.lists.hint": "Einen Verteiler zu verlassen ändert Ihre Antwort oben nicht.",
    "preferences.masked": (
        "Eine Mail kann weitergeleitet werden. Darum zeigt ein Link aus einer Mail nur einen Teil Ihrer Adresse."
    ),
    "preferences.fresh": "Sie sind mit einem persönlichen Link gekommen. Er gilt bis {time} am {date}.",
    "preferences.fresh.ask": "Persönlichen Link anfordern",
    "gpc.note": (
        "Ihr Browser sendet das Signal Global Privacy Control. Öffnen und Klicken damit wird Ihnen nie zugeordnet,"
        " außer Sie selbst sagen Ja und {account} lässt das gelten. Unten ist Nein gewählt; gespeichert wird erst,"
        " wenn Sie speichern."
    ),
    # -- what is seen, per axis and mode
    "axis.OPENS": "Mails öffnen",
    "axis.CLICKS": "Links anklicken",
    "sees.OPENS.PERSONAL": "{account} kann sehen, dass Sie eine Mail öffnen und wann.",
    "sees.OPENS.ANONYMOUS": "Das Öffnen wird gezählt, und die Zahl sagt nichts über Sie.",
    "sees.OPENS.OFF": "Niemand sieht, ob Sie eine Mail öffnen.",
    "sees.CLICKS.PERSONAL": "{account} kann sehen, welche Links Sie anklicken und wann.",
    "sees.CLICKS.ANONYMOUS": "Klicks werden gezählt, und die Zahl sagt nichts über Sie.",
    "sees.CLICKS.OFF": "Niemand sieht, welche Links Sie anklicken.",
    # -- why: "tracked", then "because"
    "tracked.OPENS.PERSONAL": "Das Öffnen wird erfasst",
    "tracked.OPENS.ANONYMOUS": "Das Öffnen wird ohne Ihren Namen gezählt",
    "tracked.OPENS.OFF": "Das Öffnen wird nicht erfasst",
    "tracked.CLICKS.PERSONAL": "Klicks werden erfasst",
    "tracked.CLICKS.ANONYMOUS": "Klicks werden ohne Ihren Namen gezählt",
    "tracked.CLICKS.OFF": "Klicks werden nicht erfasst",
    "because.SAID_YES": "weil Sie {when} Ja gesagt haben",
    "because.SAID_NO": "weil Sie {when} Nein gesagt haben",
    "because.NEVER_ASKED": "weil Sie noch nicht gefragt wurden",
    "because.ASKED_NO_ANSWER": "weil Sie gefragt wurden und nicht geantwortet haben",
    "because.NOTIFIED_NO_OBJECTION": "weil Sie darauf hingewiesen wurden und nicht widersprochen haben",
    "because.LAPSED": "weil Ihr früheres Ja abgelaufen ist",
    "because.unless_no": "{silence} und {account} alle einbezieht, die nicht Nein gesagt haben",
    "because.CHANNEL_DEFAULT": "weil {account} das für alle Newsletter so gewählt hat",
    "because.ANONYMOUS_SWITCH": "weil {account} bei Newslettern ohne Namen zählt",
    "because.KILL_SWITCH": "weil hier alles Tracking abgeschaltet ist",
    "because.MAILING_MODE": "weil es für diese Mail so eingestellt ist",
    "because.MAILING_PERMISSION_BASED": "weil sich diese Mail nach der Antwort jeder einzelnen Person richtet",
    "because.SERVICE_MAIL": "weil Mails, die fragen, bestätigen oder auf diese Seite führen, nie erfasst werden",
    "because.NO_WAY_OUT": "weil die Mail keinen Link auf diese Seite hat und {account} einen verlangt",
    "because.NOTHING_TO_TRACK": "weil in der Mail nichts steht, was erfasst werden könnte",
    "because.RELAY_WITHOUT_CONSENT": "weil niemand gesagt hat, wo Ihre Einwilligung aufbewahrt wird",
    "because.TOGGLED_OFF": "weil das Tracking für diese Mail ausgeschaltet wurde",
    "because.FROZEN_AT_SENDING": "weil das beim Versand der Mail so entschieden wurde",
    "because.PRIVACY_SIGNAL": "weil Ihr Browser das Signal Global Privacy Control sendet",
    "because.NOBODY_ADDRESSED": "weil die Mail keinen Empfänger nennt",
    "because.UNREADABLE": "weil etwas nicht lesbar war und im Zweifel niemand erfasst wird",
    "when.on": "am {date}",
    "place.FORM": "in einem Anmeldeformular",
    "place.PREFERENCE_CENTER": "in den Einstellungen auf dieser Seite",
    "place.ONE_CLICK": "mit einem Klick aus einer Mail",
    "place.REQUEST_MAIL": "als Antwort auf eine Mail",
    "place.records": "laut den Unterlagen von {account}",
    "place.MERGE": "unter einer anderen Ihrer Adressen",
    # -- what happened
    "saved.title": "Gespeichert",
    "saved.YES.both": "Sie haben Ja gesagt: {account} darf sehen, ob Sie die Mails öffnen und welche Links Sie anklicken.",
    "saved.NO.both": "Sie haben Nein gesagt: {account} sieht nicht mehr, ob Sie die Mails öffnen oder welche Links Sie anklicken.",
    "saved.YES.OPENS": "Sie haben zum Öffnen Ja gesagt. Ihre Antwort zum Klicken blieb, wie sie war.",
    "saved.NO.OPENS": "Sie haben zum Öffnen Nein gesagt. Ihre Antwort zum Klicken blieb, wie sie war.",
    "saved.YES.CLICKS": "Sie haben zum Klicken Ja gesagt. Ihre Antwort zum Öffnen blieb, wie sie war.",
    "saved.NO.CLICKS": "Sie haben zum Klicken Nein gesagt. Ihre Antwort zum Öffnen blieb, wie sie war.",
    "saved.mixed": "Ihre beiden Antworten wurden gespeichert.",
    "saved.same": "Das war schon Ihre Antwort, es hat sich also nichts geändert.",
    "saved.effect.NO": (
        "Das gilt ab sofort, auch für Mails, die Sie schon haben. Mails, die nur ohne Namen zählen, zählen weiter:"
        " Nichts darin weist auf Sie hin."
    ),
    "saved.effect.YES": "Das gilt ab sofort. Eine Mail, die Ihnen ohne Tracking geschickt wurde, bleibt ohne.",
    "saved.undo": "Um es rückgängig zu machen, wählen Sie unten die andere Antwort und speichern Sie.",
    "saved.left": "Sie haben den Verteiler {list} verlassen.",
    "saved.left.all": "Sie haben alle Verteiler von {account} verlassen.",
    "saved.left.none": "Sie standen auf keinem Verteiler mehr, es hat sich also nichts geändert.",
    "saved.left.effect": "Das gilt sofort; eine Mail, die schon unterwegs ist, kann noch ankommen. Ihre Antwort zum Tracking blieb, wie sie war.",
    "saved.left.undo": "Um es rückgängig zu machen, fordern Sie einen persönlichen Link an und kehren Sie dort zurück.",
    "saved.left.undo.here": "Um es rückgängig zu machen, kehren Sie unten zum Verteiler zurück.",
    "saved.returned": "Sie stehen wieder auf dem Verteiler {list}.",
    "saved.returned.effect": "Das gilt sofort.",
    "saved.returned.undo": "Um es rückgängig zu machen, verlassen Sie den Verteiler unten.",
    # -- the rights of a person
    "rights.title": "Was über Sie gespeichert ist",
    "rights.data": "Alles über Sie herunterladen (ZIP)",
    "rights.receipt": "Den Beleg Ihrer Antworten herunterladen (JSON)",
    "rights.stop": "Tracking beenden und Gespeichertes löschen",
    "rights.stop.hint": (
        "Ihre Antwort wird Nein, und jedes gespeicherte Öffnen und Klicken wird gelöscht. Die Mails bekommen Sie weiterhin."
    ),
    "rights.erase": "Mich löschen",
    "rights.erase.text": (
        "Ihre Adresse, Ihre Verteiler und alles, was Sie getan haben, werden gelöscht, und niemand kann es zurückholen."
        " {account} behält Summen, die nichts über Sie sagen, und ein aus Ihrer Adresse gebildetes Zeichen, damit Sie"
        " nicht wieder aufgenommen werden."
    ),
    "rights.erase.button": "Mich endgültig löschen",
    "saved.severed": "Sie haben Nein gesagt, und alles über Ihr Öffnen und Klicken wurde gelöscht.",
    "saved.severed.effect": "Das gilt sofort, auch für Mails, die Sie schon haben.",
    "saved.severed.undo": "Gelöschtes lässt sich nicht zurückholen. Ihre Antwort können Sie unten ändern.",
    "erased.title": "Sie wurden gelöscht",
    "erased.text": "Hier ist nichts mehr über Sie gespeichert, und keine Mail, die Sie noch haben, kann das ändern.",
    "erased.undo": "Wenn Sie wieder Mails möchten, melden Sie sich neu an und bestätigen Sie es. Niemand sonst kann Sie zurückholen.",
    # -- one click
    "stop.title": "Tracking beenden",
    "stop.text": (
        "{account} sieht dann nicht mehr, ob Sie die Mails öffnen oder welche Links Sie anklicken, auch nicht bei"
        " Mails, die Sie schon haben. Die Mails bekommen Sie weiterhin."
    ),
    "stop.button": "Tracking beenden",
    "stop.done": "Das Tracking ist beendet",
    "stop.undo": "Um es rückgängig zu machen, sagen Sie in Ihren Einstellungen Ja.",
    "unsubscribe.title": "Verteiler verlassen",
    "unsubscribe.text": "Sie bekommen dann keine Mails von {list} mehr.",
    "unsubscribe.text.all": "Sie bekommen dann von keinem Verteiler von {account} mehr Mails.",
    "unsubscribe.button": "Verteiler verlassen",
    "unsubscribe.done": "Sie haben den Verteiler verlassen",
    "settings.link": "Alle Einstellungen ansehen",
    # -- a link that does not work, and a new one
    "request.title": "Zu Ihren Einstellungen",
    "request.text": "Geben Sie Ihre E-Mail-Adresse an, dann schicken wir Ihnen einen persönlichen Link. Er gilt 24 Stunden.",
    "request.email": "E-Mail-Adresse",
    "request.button": "Link zuschicken",
    "request.done.title": "Sehen Sie in Ihr Postfach",
    "request.done.text": "Wenn diese Adresse hier bekannt ist, ist eine Mail mit Ihrem persönlichen Link unterwegs.",
    "request.again": "Noch einmal anfordern",
    "invalid.title": "Dieser Link funktioniert nicht",
    "invalid.text": "Er ist unvollständig oder beschädigt. Geben Sie Ihre E-Mail-Adresse an, dann schicken wir Ihnen einen neuen.",
    # -- sign-up forms
    "form.email": "E-Mail-Adresse",
    "form.title": "Anmelden für {list}",
    "form.title.account": "Anmelden bei {account}",
    "form.optional": "Anmelden können Sie sich mit jeder Antwort und auch ohne eine.",
    "form.button": "Anmelden",
    "form.trap": "Dieses Feld bitte leer lassen",
    "form.sent.title": "Noch ein Schritt",
    "form.sent.text": "Wir haben Ihnen eine Mail geschickt. Öffnen Sie den Link darin und bestätigen Sie die Anmeldung.",
    "form.done.title": "Vielen Dank",
    "form.done.text": "Ihre Anmeldung ist angekommen. Wenn Sie sich früher abgemeldet haben, bittet eine Mail um Ihre Bestätigung. Umentscheiden können Sie sich jederzeit, aus jeder Mail.",
    "form.wrong.required": "{field}: Bitte füllen Sie das aus.",
    "form.wrong.TEXT": "{field}: bitte höchstens 500 Zeichen.",
    "form.wrong.NUMBER": "{field}: Bitte geben Sie eine Zahl an, etwa 12 oder 1.5.",
    "form.wrong.DATE": "{field}: Bitte geben Sie einen Tag an, etwa 2026-11-22.",
    "form.wrong.BOOLEAN": "{field}: Bitte ankreuzen oder frei lassen.",
    "form.back": "Zurück zum Formular",
    "confirm.title": "Anmeldung bestätigen",
    "confirm.list": "{address} kommt auf den Verteiler {list} von {account}.",
    "confirm.account": "{address} meldet sich bei {account} an.",
    "confirm.yes.both": "Dazu sagen Sie Ja:",
    "confirm.yes.OPENS": "Für das Öffnen von Mails sagen Sie Ja zu Folgendem:",
    "confirm.yes.CLICKS": "Für das Anklicken von Links sagen Sie Ja zu Folgendem:",
    "confirm.button": "Bestätigen",
    "confirm.done.title": "Sie sind angemeldet",
    "confirm.done.text": "Vielen Dank, Ihre Anmeldung ist bestätigt.",
    "confirm.already": "Diese Anmeldung war schon bestätigt, es hat sich also nichts geändert.",
    "confirm.undo": "Ihre Antwort ändern oder sich abmelden können Sie jederzeit: Jede Mail hat einen Link zu Ihren Einstellungen.",
    "confirm.invalid": "Dieser Link gehört zu keiner Anmeldung. Bitte füllen Sie das Formular noch einmal aus.",
    # -- problems
    "problem.title": "Das hat nicht geklappt",
    "problem.404": "Diese Seite gibt es nicht.",
    "problem.405": "Diese Seite nimmt eine solche Anfrage nicht an.",
    "problem.413": "Das ist mehr, als die Seite annimmt: höchstens 64 kB.",
    "problem.422": "Etwas Gesendetes war nicht zu verstehen. Gehen Sie zurück, sehen Sie es an und senden Sie es noch einmal.",
    "problem.403": "Von dieser Website darf das Formular nicht gesendet werden.",
    "problem.429": "Aus Ihrem Netz kam gerade zu viel. Es wurde nichts geändert. Bitte versuchen Sie es in einer Minute noch einmal.",
    "problem.500": "Ein Fehler von uns kam dazwischen. Es wurde nichts geändert. Bitte versuchen Sie es später noch einmal.",
    "problem.503": "Wir erreichen unsere Daten gerade nicht. Es wurde nichts geändert. Bitte versuchen Sie es in einer Minute noch einmal.",
    "problem.email": "Das ist keine E-Mail-Adresse. Schreiben Sie sie wie name@example.org.",
    "problem.answer": "Die Frage wird mit Ja oder Nein beantwortet oder offen gelassen.",
    "problem.redirect": "Das Formular darf nicht zu dieser Adresse weiterleiten.",
    "problem.list": "Dieses Formular gehört nicht zu diesem Verteiler.",
    # -- mails
    "mail.confirm.subject": "Bitte bestätigen Sie Ihre Anmeldung bei {account}",
    "mail.confirm.text": "Jemand, vermutlich Sie, hat sich mit dieser Adresse angemeldet. Bitte bestätigen Sie das:",
    "mail.confirm.button": "Anmeldung bestätigen",
    "mail.confirm.else": "Waren Sie es nicht, tun Sie nichts. Ohne Bestätigung wird Ihnen nichts geschickt.",
    "mail.link.subject": "Ihre Einstellungen bei {account}",
    "mail.link.text": "Hier ist der persönliche Link zu Ihren Einstellungen. Er gilt 24 Stunden; bitte geben Sie ihn nicht weiter.",
    "mail.link.button": "Meine Einstellungen öffnen",
    "mail.link.else": "Haben Sie ihn nicht angefordert, tun Sie nichts. Es wurde nichts geändert.",
    "mail.ask.subject": "Eine Frage von {account}",
    "mail.ask.text": "{account} möchte Sie etwas zu den Mails fragen, die Sie bekommen:",
    "mail.ask.button": "Mit Ja oder Nein antworten",
    "mail.ask.else": "Jede Antwort kostet einen Klick. Sie bekommen dieselben Mails, wie immer Sie antworten, auch ohne Antwort.",
    "mail.untracked": "Diese Mail wird nicht verfolgt.",
}
