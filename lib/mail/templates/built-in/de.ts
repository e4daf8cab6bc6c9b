import type { TemplateKey } from '../../kinds.ts';
import type { TemplateText } from '../schema.ts';

/** The texts in German. */
export const german: Record<TemplateKey, TemplateText> = {
  invitation: {
    subject: 'Ihr Zugang zum Kundenportal von $company.name',
    body: `Guten Tag $contact.name,

$company.name hat für Sie einen Zugang zum Kundenportal eingerichtet. Dort können Sie Ihre Dokumente und Rechnungen einsehen und Ihre Angaben aktuell halten.

Bitte wählen Sie zu Beginn ein Passwort:

[Passwort wählen]($portal.link)

Ihr Benutzername lautet **$contact.username**. Der Link kann einmal verwendet werden und gilt bis $portal.expires.

Mit freundlichen Grüßen
$company.name`,
  },
  registration: {
    subject: 'Ihre Registrierung bei $company.name',
    body: `Guten Tag $contact.name,

vielen Dank für Ihre Registrierung bei $company.name. Ihre Kundennummer lautet **$client.number**.

Im Kundenportal können Sie Ihre Dokumente und Rechnungen jederzeit einsehen:

[Kundenportal öffnen]($portal.link)

Mit freundlichen Grüßen
$company.name`,
  },
  'portal-access': {
    subject: 'Sie können sich im Kundenportal von $company.name anmelden',
    body: `Guten Tag $contact.name,

$company.name hat für Sie einen Zugang zum Kundenportal eingerichtet. Dort können Sie Ihre Dokumente und Rechnungen einsehen und Ihre Angaben aktuell halten.

[Kundenportal öffnen]($portal.link)

Ihr Benutzername lautet **$contact.username**. Ihr Passwort erhalten Sie direkt von $company.name.

Mit freundlichen Grüßen
$company.name`,
  },
  'password-reset': {
    subject: 'Neues Passwort für das Kundenportal von $company.name',
    body: `Guten Tag $contact.name,

für Ihren Zugang zu unserem Kundenportal wurde ein neues Passwort angefordert. Sie können es hier wählen:

[Neues Passwort wählen]($portal.link)

Der Link kann einmal verwendet werden und gilt bis $portal.expires.

Falls Sie kein neues Passwort angefordert haben, brauchen Sie nichts zu tun. Ihr bisheriges Passwort bleibt gültig.

Mit freundlichen Grüßen
$company.name`,
  },
  'user-invitation': {
    subject: 'Ihr Konto bei $company.name',
    body: `Guten Tag $user.name,

für Sie wurde ein Konto bei $company.name angelegt. Bitte wählen Sie zu Beginn ein Passwort:

[Passwort wählen]($portal.link)

Sie melden sich mit der Adresse **$user.email** an. Der Link kann einmal verwendet werden und gilt bis $portal.expires.

Mit freundlichen Grüßen
$company.name`,
  },
  'user-password-reset': {
    subject: 'Neues Passwort für Ihr Konto bei $company.name',
    body: `Guten Tag $user.name,

für Ihr Konto bei $company.name wurde ein neues Passwort angefordert. Sie können es hier wählen:

[Neues Passwort wählen]($portal.link)

Der Link kann einmal verwendet werden und gilt bis $portal.expires.

Falls Sie kein neues Passwort angefordert haben, brauchen Sie nichts zu tun. Ihr bisheriges Passwort bleibt gültig.

Mit freundlichen Grüßen
$company.name`,
  },
  'user-email-verification': {
    subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse für $company.name',
    body: `Guten Tag $user.name,

$company.name wurde mit dieser E-Mail-Adresse angemeldet. Damit $company.name E-Mails versenden kann, bestätigen Sie bitte, dass die Adresse Ihnen gehört:

[Adresse bestätigen]($portal.link)

Der Link kann einmal verwendet werden und gilt bis $portal.expires.

Falls die Anmeldung nicht von Ihnen stammt, brauchen Sie nichts zu tun.

Mit freundlichen Grüßen
$company.name`,
  },
  invoice: {
    subject: 'Rechnung $invoice.number von $company.name',
    body: `Guten Tag $contact.name,

vielen Dank für Ihren Auftrag. Unsere Rechnung **$invoice.number** vom $invoice.date liegt für Sie bereit:

- Betrag: **$invoice.amount**
- Fällig am: **$invoice.due_date**

[Rechnung ansehen]($portal.link)

Mit freundlichen Grüßen
$company.name`,
  },
  'reminder-1': {
    subject: 'Zahlungserinnerung: Rechnung $invoice.number von $company.name',
    body: `Guten Tag $contact.name,

wir möchten Sie freundlich an unsere Rechnung **$invoice.number** vom $invoice.date erinnern:

- Offener Betrag: **$invoice.balance**
- Fällig am: **$invoice.due_date**

[Rechnung ansehen]($portal.link)

Falls Sie bereits gezahlt haben, betrachten Sie dieses Schreiben bitte als gegenstandslos.

Mit freundlichen Grüßen
$company.name`,
  },
  'reminder-2': {
    subject: 'Zweite Zahlungserinnerung: Rechnung $invoice.number von $company.name',
    body: `Guten Tag $contact.name,

nach unseren Unterlagen ist unsere Rechnung **$invoice.number** vom $invoice.date noch nicht vollständig bezahlt:

- Offener Betrag: **$invoice.balance**
- Fällig am: **$invoice.due_date**

Wir bitten Sie, den offenen Betrag in den nächsten Tagen zu überweisen.

[Rechnung ansehen]($portal.link)

Falls Sie bereits gezahlt haben, betrachten Sie dieses Schreiben bitte als gegenstandslos. Bei Fragen sind wir gerne für Sie da.

Mit freundlichen Grüßen
$company.name`,
  },
  'reminder-3': {
    subject: 'Dritte Zahlungserinnerung: Rechnung $invoice.number von $company.name',
    body: `Guten Tag $contact.name,

trotz unserer bisherigen Erinnerungen ist unsere Rechnung **$invoice.number** vom $invoice.date noch nicht vollständig bezahlt:

- Offener Betrag: **$invoice.balance**
- Fällig am: **$invoice.due_date**

Bitte begleichen Sie den offenen Betrag umgehend, oder setzen Sie sich mit uns in Verbindung, damit wir gemeinsam eine Lösung finden.

[Rechnung ansehen]($portal.link)

Mit freundlichen Grüßen
$company.name`,
  },
  'reminder-endless': {
    subject: 'Rechnung $invoice.number von $company.name ist noch offen',
    body: `Guten Tag $contact.name,

unsere Rechnung **$invoice.number** vom $invoice.date ist noch offen:

- Offener Betrag: **$invoice.balance**
- Fällig am: **$invoice.due_date**

Bitte begleichen Sie den offenen Betrag, oder melden Sie sich bei uns, falls dem etwas entgegensteht.

[Rechnung ansehen]($portal.link)

Mit freundlichen Grüßen
$company.name`,
  },
  statement: {
    subject: 'Ihr Kontoauszug bei $company.name',
    body: `Guten Tag $contact.name,

Ihr Kontoauszug für die Zeit vom $statement.from bis $statement.to liegt für Sie bereit. Der Saldo am Ende dieses Zeitraums beträgt **$statement.balance**.

[Kontoauszug ansehen]($portal.link)

Bei Fragen sind wir gerne für Sie da.

Mit freundlichen Grüßen
$company.name`,
  },
};
