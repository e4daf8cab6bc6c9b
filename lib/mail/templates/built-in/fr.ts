import type { TemplateKey } from '../../kinds.ts';
import type { TemplateText } from '../schema.ts';

/** The texts in French, with no-break spaces where its typography asks for them. */
export const french: Record<TemplateKey, TemplateText> = {
  invitation: {
    subject: 'Votre accès à l’espace client de $company.name',
    body: `Bonjour $contact.name,

$company.name vous a ouvert un accès à son espace client. Vous pouvez y consulter vos documents et vos factures, et tenir vos coordonnées à jour.

Pour commencer, veuillez choisir un mot de passe :

[Choisir un mot de passe]($portal.link)

Votre identifiant est **$contact.username**. Le lien ne fonctionne qu’une fois, jusqu’au $portal.expires.

Cordialement,
$company.name`,
  },
  registration: {
    subject: 'Votre inscription auprès de $company.name',
    body: `Bonjour $contact.name,

Nous vous remercions de votre inscription auprès de $company.name. Votre numéro de client est le **$client.number**.

Vous pouvez consulter à tout moment vos documents et vos factures dans notre espace client :

[Ouvrir l’espace client]($portal.link)

Cordialement,
$company.name`,
  },
  'portal-access': {
    subject: 'Vous pouvez vous connecter à l’espace client de $company.name',
    body: `Bonjour $contact.name,

$company.name vous a ouvert un accès à son espace client. Vous pouvez y consulter vos documents et vos factures, et tenir vos coordonnées à jour.

[Ouvrir l’espace client]($portal.link)

Votre identifiant est **$contact.username**. Votre mot de passe vous est communiqué directement par $company.name.

Cordialement,
$company.name`,
  },
  'password-reset': {
    subject: 'Un nouveau mot de passe pour l’espace client de $company.name',
    body: `Bonjour $contact.name,

Un nouveau mot de passe a été demandé pour votre accès à notre espace client. Vous pouvez le choisir ici :

[Choisir un nouveau mot de passe]($portal.link)

Le lien ne fonctionne qu’une fois, jusqu’au $portal.expires.

Si vous n’êtes pas à l’origine de cette demande, veuillez ne pas tenir compte de ce message. Votre mot de passe reste inchangé.

Cordialement,
$company.name`,
  },
  'user-invitation': {
    subject: 'Votre compte chez $company.name',
    body: `Bonjour $user.name,

Un compte a été créé pour vous chez $company.name. Pour commencer, veuillez choisir un mot de passe :

[Choisir un mot de passe]($portal.link)

Pour vous connecter, utilisez l’adresse **$user.email**. Le lien ne fonctionne qu’une fois, jusqu’au $portal.expires.

Cordialement,
$company.name`,
  },
  'user-password-reset': {
    subject: 'Un nouveau mot de passe pour votre compte chez $company.name',
    body: `Bonjour $user.name,

Un nouveau mot de passe a été demandé pour votre compte chez $company.name. Vous pouvez le choisir ici :

[Choisir un nouveau mot de passe]($portal.link)

Le lien ne fonctionne qu’une fois, jusqu’au $portal.expires.

Si vous n’êtes pas à l’origine de cette demande, veuillez ne pas tenir compte de ce message. Votre mot de passe reste inchangé.

Cordialement,
$company.name`,
  },
  'user-email-verification': {
    subject: 'Veuillez confirmer votre adresse e-mail pour $company.name',
    body: `Bonjour $user.name,

$company.name a été inscrite avec cette adresse e-mail. Pour que $company.name puisse envoyer des messages, veuillez confirmer que cette adresse est bien la vôtre :

[Confirmer l’adresse]($portal.link)

Le lien ne fonctionne qu’une fois, jusqu’au $portal.expires.

Si vous n’êtes pas à l’origine de cette inscription, veuillez ne pas tenir compte de ce message.

Cordialement,
$company.name`,
  },
  invoice: {
    subject: 'Facture $invoice.number de $company.name',
    body: `Bonjour $contact.name,

Nous vous remercions de votre confiance. Votre facture **$invoice.number** du $invoice.date est disponible :

- Montant : **$invoice.amount**
- Échéance : **$invoice.due_date**

[Consulter la facture]($portal.link)

Cordialement,
$company.name`,
  },
  'reminder-1': {
    subject: 'Rappel : facture $invoice.number de $company.name',
    body: `Bonjour $contact.name,

Nous nous permettons de vous rappeler notre facture **$invoice.number** du $invoice.date :

- Montant restant dû : **$invoice.balance**
- Échéance : **$invoice.due_date**

[Consulter la facture]($portal.link)

Si vous avez procédé au règlement entre-temps, veuillez ne pas tenir compte de ce message.

Cordialement,
$company.name`,
  },
  'reminder-2': {
    subject: 'Deuxième rappel : facture $invoice.number de $company.name',
    body: `Bonjour $contact.name,

Sauf erreur de notre part, notre facture **$invoice.number** du $invoice.date n’est pas entièrement réglée :

- Montant restant dû : **$invoice.balance**
- Échéance : **$invoice.due_date**

Nous vous serions reconnaissants de bien vouloir procéder au règlement dans les prochains jours.

[Consulter la facture]($portal.link)

Si vous avez procédé au règlement entre-temps, veuillez ne pas tenir compte de ce message. Pour toute question, nous restons à votre disposition.

Cordialement,
$company.name`,
  },
  'reminder-3': {
    subject: 'Troisième rappel : facture $invoice.number de $company.name',
    body: `Bonjour $contact.name,

Malgré nos précédents rappels, nous n’avons pas reçu le règlement complet de notre facture **$invoice.number** du $invoice.date :

- Montant restant dû : **$invoice.balance**
- Échéance : **$invoice.due_date**

Nous vous prions de régler cette somme sans plus attendre, ou de prendre contact avec nous afin que nous trouvions une solution ensemble.

[Consulter la facture]($portal.link)

Cordialement,
$company.name`,
  },
  'reminder-endless': {
    subject: 'La facture $invoice.number de $company.name reste à régler',
    body: `Bonjour $contact.name,

Notre facture **$invoice.number** du $invoice.date reste à régler :

- Montant restant dû : **$invoice.balance**
- Échéance : **$invoice.due_date**

Nous vous prions de régler cette somme, ou de prendre contact avec nous en cas de difficulté.

[Consulter la facture]($portal.link)

Cordialement,
$company.name`,
  },
  statement: {
    subject: 'Votre relevé de compte chez $company.name',
    body: `Bonjour $contact.name,

Votre relevé de compte du $statement.from au $statement.to est disponible. Le solde à la fin de cette période est de **$statement.balance**.

[Consulter le relevé]($portal.link)

Pour toute question, nous restons à votre disposition.

Cordialement,
$company.name`,
  },
};
