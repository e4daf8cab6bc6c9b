import type { TemplateKey } from '../../kinds.ts';
import type { TemplateText } from '../schema.ts';

/** The texts in English. */
export const english: Record<TemplateKey, TemplateText> = {
  invitation: {
    subject: 'Your access to the client portal of $company.name',
    body: `Dear $contact.name,

$company.name has set up access to its client portal for you. There you can look up your documents and invoices and keep your details up to date.

To begin, please choose a password:

[Choose a password]($portal.link)

Your username is **$contact.username**. The link works once, until $portal.expires.

Kind regards,
$company.name`,
  },
  registration: {
    subject: 'Your registration with $company.name',
    body: `Dear $contact.name,

Thank you for registering with $company.name. Your client number is **$client.number**.

You can look up your documents and invoices in our client portal at any time:

[Open the client portal]($portal.link)

Kind regards,
$company.name`,
  },
  'portal-access': {
    subject: 'You can sign in to the client portal of $company.name',
    body: `Dear $contact.name,

$company.name has set up access to its client portal for you. There you can look up your documents and invoices and keep your details up to date.

[Open the client portal]($portal.link)

Your username is **$contact.username**. You get your password from $company.name directly.

Kind regards,
$company.name`,
  },
  'password-reset': {
    subject: 'A new password for the client portal of $company.name',
    body: `Dear $contact.name,

A new password was requested for your access to our client portal. You can choose one here:

[Choose a new password]($portal.link)

The link works once, until $portal.expires.

If you did not request this, please ignore this message. Your password stays as it is.

Kind regards,
$company.name`,
  },
  'user-invitation': {
    subject: 'Your account at $company.name',
    body: `Dear $user.name,

An account has been created for you at $company.name. To begin, please choose a password:

[Choose a password]($portal.link)

You sign in with **$user.email**. The link works once, until $portal.expires.

Kind regards,
$company.name`,
  },
  'user-password-reset': {
    subject: 'A new password for your account at $company.name',
    body: `Dear $user.name,

A new password was requested for your account at $company.name. You can choose one here:

[Choose a new password]($portal.link)

The link works once, until $portal.expires.

If you did not request this, please ignore this message. Your password stays as it is.

Kind regards,
$company.name`,
  },
  'user-email-verification': {
    subject: 'Please confirm your e-mail address for $company.name',
    body: `Dear $user.name,

$company.name has signed up with this e-mail address. To allow it to send mail, please confirm that the address is yours:

[Confirm the address]($portal.link)

The link works once, until $portal.expires.

If you did not sign up, please ignore this message.

Kind regards,
$company.name`,
  },
  invoice: {
    subject: 'Invoice $invoice.number from $company.name',
    body: `Dear $contact.name,

Thank you for your business. Your invoice **$invoice.number** of $invoice.date is ready:

- Amount: **$invoice.amount**
- Due date: **$invoice.due_date**

[View the invoice]($portal.link)

Kind regards,
$company.name`,
  },
  'reminder-1': {
    subject: 'Reminder: invoice $invoice.number from $company.name',
    body: `Dear $contact.name,

This is a friendly reminder of our invoice **$invoice.number** of $invoice.date:

- Amount due: **$invoice.balance**
- Due date: **$invoice.due_date**

[View the invoice]($portal.link)

If your payment is already on its way, please disregard this message.

Kind regards,
$company.name`,
  },
  'reminder-2': {
    subject: 'Second reminder: invoice $invoice.number from $company.name',
    body: `Dear $contact.name,

According to our records, our invoice **$invoice.number** of $invoice.date has not been paid in full:

- Amount due: **$invoice.balance**
- Due date: **$invoice.due_date**

We would be grateful if you could arrange the payment in the coming days.

[View the invoice]($portal.link)

If your payment is already on its way, please disregard this message. If anything is unclear, please let us know.

Kind regards,
$company.name`,
  },
  'reminder-3': {
    subject: 'Third reminder: invoice $invoice.number from $company.name',
    body: `Dear $contact.name,

Despite our earlier reminders, we have not received full payment of our invoice **$invoice.number** of $invoice.date:

- Amount due: **$invoice.balance**
- Due date: **$invoice.due_date**

Please pay the amount due without further delay, or contact us so that we can find a solution together.

[View the invoice]($portal.link)

Kind regards,
$company.name`,
  },
  'reminder-endless': {
    subject: 'Invoice $invoice.number from $company.name is still open',
    body: `Dear $contact.name,

Our invoice **$invoice.number** of $invoice.date is still open:

- Amount due: **$invoice.balance**
- Due date: **$invoice.due_date**

Please pay the amount due, or contact us if something stands in the way.

[View the invoice]($portal.link)

Kind regards,
$company.name`,
  },
  statement: {
    subject: 'Your statement of account with $company.name',
    body: `Dear $contact.name,

Your statement of account from $statement.from to $statement.to is ready. The balance at the end of this period is **$statement.balance**.

[View the statement]($portal.link)

If you have any questions, please let us know.

Kind regards,
$company.name`,
  },
};
