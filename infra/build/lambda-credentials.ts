/**
 * What a bundle gets in place of `@aws-sdk/credential-provider-node`. Lambda hands a function its credentials in the
 * environment; the SDK's search through profiles, SSO, containers and instance metadata would be 90 KB for nothing.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
