/** What we use of mjml, which has no types of its own. */
declare module 'mjml' {
  export default function mjml2html(
    mjml: string,
    options: { fonts: Record<string, string>; validationLevel: 'strict'; keepComments: boolean },
  ): Promise<{ html: string }>;
}
