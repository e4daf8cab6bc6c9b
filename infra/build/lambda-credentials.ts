/**
 * Replaces `@aws-sdk/credential-provider-node` in bundles. Lambda passes credentials in environment variables, so the
 * SDK's other providers (profiles, SSO, containers, instance metadata) would add 90 KB that are never used.
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
