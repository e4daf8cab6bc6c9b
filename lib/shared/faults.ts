/**
 * Every code of a fault of the input, with what it means. The API lists them, and the type keeps all others out. The
 * detail of a fault says more.
 */
export const faultCodes = {
  required: 'The field needs a value.',
  'unknown-field': 'There is no such field or parameter.',
  'read-only': 'The field cannot be written. It is accepted only with its present value.',
  'reserved-name': 'No field can have this name.',
  'wrong-type': 'The value has another JSON type than the field.',
  'wrong-format': 'The text does not have the format of the field.',
  'not-allowed': 'The value is not one of those that are allowed here.',
  'too-short': 'The text has too few characters.',
  'too-long': 'The text has too many characters.',
  'too-few': 'The list has too few entries.',
  'too-many': 'The list or the object has too many entries.',
  'too-small': 'The number is too small.',
  'too-big': 'The number is too big.',
  'out-of-range': 'The date or time is outside the range that is allowed.',
  duplicate: 'The same value occurs earlier in the request.',
  contradiction: 'Two fields are the same setting, and have different values.',
  taken: 'Another record has this value, and it must be unique.',
  'wrong-currency': 'The amount is in another currency than the record.',
  'not-open': 'The invoice does not wait for money.',
  archived: 'The record that the field names is archived.',
  'not-found': 'The record that the field names does not exist.',
  'pricing-missing': 'The company requires a pricing and has none. Create a pricing first.',
  'hidden-character': 'The text has a character that is not visible or changes the reading direction.',
  'control-character': 'The text has a control character.',
  'bidi-control': 'The text has a character that overrides the reading direction.',
  'path-separator': 'A file name has a slash or a backslash.',
  'contains-address': 'The name contains what mail programs make a link of.',
  credentials: 'The web address contains a username or a password.',
  'bad-pattern': 'The pattern makes no valid numbers.',
  'common-password': 'The password is among those that are guessed first.',
  'own-name': 'The password has little besides names and addresses of its account.',
  'no-address': 'There is no e-mail address to send the mail to.',
  'unknown-variable': 'There is no such variable.',
  'variable-not-here': 'The mail, or this place in it, does not have this variable.',
  'link-not-allowed': 'A mail must not link to this address.',
  'link-missing': 'The mail exists for a link, and lacks it.',
  'link-variable-not-alone': 'A variable with a link stands inside other text.',
  invalid: 'The value is not valid.',
} as const;

export type FaultCode = keyof typeof faultCodes;

export function isFaultCode(code: unknown): code is FaultCode {
  return typeof code === 'string' && Object.hasOwn(faultCodes, code);
}
