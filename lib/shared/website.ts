import { atMost, identifier, textCheck } from './text.ts';

function isWebAddress(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

function hasNoCredentials(address: string): boolean {
  const { username, password } = new URL(address);
  return username === '' && password === '';
}

const MAX_WEBSITE = 2048;

/**
 * An http or https address without a password. Without a scheme it becomes https, because people leave the scheme out.
 */
export const Website = identifier(MAX_WEBSITE)
  .overwrite((address) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`))
  .check(
    atMost(MAX_WEBSITE),
    textCheck(isWebAddress, 'wrong-format', 'must be a web address'),
    textCheck(hasNoCredentials, 'credentials', 'must not contain a username or a password'),
  )
  .meta({ format: 'web-address', examples: ['https://northwind.example'] });
