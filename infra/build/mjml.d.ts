/** The part of mjml that is used here. The package has no types. */
declare module 'mjml' {
  export default function mjml2html(
    mjml: string,
    options: { fonts: Record<string, string>; validationLevel: 'strict'; keepComments: boolean },
  ): Promise<{ html: string }>;
}
