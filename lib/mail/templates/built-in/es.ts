import type { TemplateKey } from '../../kinds.ts';
import type { TemplateText } from '../schema.ts';

/** The texts in Spanish. */
export const spanish: Record<TemplateKey, TemplateText> = {
  invitation: {
    subject: 'Su acceso al portal de clientes de $company.name',
    body: `Hola, $contact.name:

$company.name le ha abierto un acceso a su portal de clientes. En él puede consultar sus documentos y facturas, y mantener sus datos al día.

Para empezar, elija una contraseña:

[Elegir una contraseña]($portal.link)

Su nombre de usuario es **$contact.username**. El enlace solo funciona una vez, hasta el $portal.expires.

Atentamente,
$company.name`,
  },
  registration: {
    subject: 'Su registro en $company.name',
    body: `Hola, $contact.name:

Le agradecemos su registro en $company.name. Su número de cliente es **$client.number**.

Puede consultar sus documentos y facturas en nuestro portal de clientes en cualquier momento:

[Abrir el portal de clientes]($portal.link)

Atentamente,
$company.name`,
  },
  'portal-access': {
    subject: 'Ya puede acceder al portal de clientes de $company.name',
    body: `Hola, $contact.name:

$company.name le ha abierto un acceso a su portal de clientes. En él puede consultar sus documentos y facturas, y mantener sus datos al día.

[Abrir el portal de clientes]($portal.link)

Su nombre de usuario es **$contact.username**. $company.name le comunicará su contraseña directamente.

Atentamente,
$company.name`,
  },
  'password-reset': {
    subject: 'Una contraseña nueva para el portal de clientes de $company.name',
    body: `Hola, $contact.name:

Se ha solicitado una contraseña nueva para su acceso a nuestro portal de clientes. Puede elegirla aquí:

[Elegir una contraseña nueva]($portal.link)

El enlace solo funciona una vez, hasta el $portal.expires.

Si no la ha solicitado usted, no tenga en cuenta este mensaje. Su contraseña seguirá siendo la misma.

Atentamente,
$company.name`,
  },
  'user-invitation': {
    subject: 'Su cuenta en $company.name',
    body: `Hola, $user.name:

Se ha creado una cuenta para usted en $company.name. Para empezar, elija una contraseña:

[Elegir una contraseña]($portal.link)

Inicie sesión con la dirección **$user.email**. El enlace solo funciona una vez, hasta el $portal.expires.

Atentamente,
$company.name`,
  },
  'user-password-reset': {
    subject: 'Una contraseña nueva para su cuenta en $company.name',
    body: `Hola, $user.name:

Se ha solicitado una contraseña nueva para su cuenta en $company.name. Puede elegirla aquí:

[Elegir una contraseña nueva]($portal.link)

El enlace solo funciona una vez, hasta el $portal.expires.

Si no la ha solicitado usted, no tenga en cuenta este mensaje. Su contraseña seguirá siendo la misma.

Atentamente,
$company.name`,
  },
  'user-email-verification': {
    subject: 'Confirme su dirección de correo para $company.name',
    body: `Hola, $user.name:

$company.name se ha registrado con esta dirección de correo. Para que $company.name pueda enviar mensajes, confirme que la dirección es suya:

[Confirmar la dirección]($portal.link)

El enlace solo funciona una vez, hasta el $portal.expires.

Si no se ha registrado usted, no tenga en cuenta este mensaje.

Atentamente,
$company.name`,
  },
  invoice: {
    subject: 'Factura $invoice.number de $company.name',
    body: `Hola, $contact.name:

Le agradecemos su confianza. Su factura **$invoice.number** del $invoice.date ya está disponible:

- Importe: **$invoice.amount**
- Vencimiento: **$invoice.due_date**

[Ver la factura]($portal.link)

Atentamente,
$company.name`,
  },
  'reminder-1': {
    subject: 'Recordatorio: factura $invoice.number de $company.name',
    body: `Hola, $contact.name:

Nos permitimos recordarle nuestra factura **$invoice.number** del $invoice.date:

- Importe pendiente: **$invoice.balance**
- Vencimiento: **$invoice.due_date**

[Ver la factura]($portal.link)

Si ya ha realizado el pago, no tenga en cuenta este mensaje.

Atentamente,
$company.name`,
  },
  'reminder-2': {
    subject: 'Segundo recordatorio: factura $invoice.number de $company.name',
    body: `Hola, $contact.name:

Según nuestros registros, nuestra factura **$invoice.number** del $invoice.date no se ha pagado por completo:

- Importe pendiente: **$invoice.balance**
- Vencimiento: **$invoice.due_date**

Le agradeceríamos que realizara el pago en los próximos días.

[Ver la factura]($portal.link)

Si ya ha realizado el pago, no tenga en cuenta este mensaje. Si tiene alguna duda, quedamos a su disposición.

Atentamente,
$company.name`,
  },
  'reminder-3': {
    subject: 'Tercer recordatorio: factura $invoice.number de $company.name',
    body: `Hola, $contact.name:

A pesar de nuestros recordatorios anteriores, no hemos recibido el pago completo de nuestra factura **$invoice.number** del $invoice.date:

- Importe pendiente: **$invoice.balance**
- Vencimiento: **$invoice.due_date**

Le rogamos que pague el importe pendiente sin más demora o que se ponga en contacto con nosotros para encontrar una solución.

[Ver la factura]($portal.link)

Atentamente,
$company.name`,
  },
  'reminder-endless': {
    subject: 'La factura $invoice.number de $company.name sigue pendiente',
    body: `Hola, $contact.name:

Nuestra factura **$invoice.number** del $invoice.date sigue pendiente:

- Importe pendiente: **$invoice.balance**
- Vencimiento: **$invoice.due_date**

Le rogamos que pague el importe pendiente o que se ponga en contacto con nosotros si tiene alguna dificultad.

[Ver la factura]($portal.link)

Atentamente,
$company.name`,
  },
  statement: {
    subject: 'Su estado de cuenta en $company.name',
    body: `Hola, $contact.name:

Su estado de cuenta del $statement.from al $statement.to ya está disponible. El saldo al final de este periodo es de **$statement.balance**.

[Ver el estado de cuenta]($portal.link)

Si tiene alguna duda, quedamos a su disposición.

Atentamente,
$company.name`,
  },
};
