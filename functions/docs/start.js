// Starts the reference page. It offers requests as they are most often sent: without optional parameters, and with ids that the
// reader fills in. Scalar would send every optional parameter that has an enumeration or an example.
fetch('/openapi.json')
  .then((response) => response.json())
  .then((content) => {
    const resolve = (schema) => content.components.schemas[schema.$ref?.split('/').at(-1)] ?? schema;
    /** Whether Scalar would fill in a value by itself. */
    const isFilledIn = ({ schema }) => resolve(schema).enum !== undefined || resolve(schema).examples !== undefined;
    const operations = Object.values(content.paths).flatMap((methods) => Object.values(methods));
    for (const parameter of operations.flatMap(({ parameters = [] }) => parameters))
      if (isFilledIn(parameter) && (!parameter.required || /Id$/.test(parameter.name))) parameter.example = '';
    Scalar.createApiReference('#reference', {
      content,
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      // It would offer the changed document. The introduction links to the document as it is served.
      documentDownloadType: 'none',
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
      theme: 'default',
      persistAuth: false,
      authentication: { preferredSecurityScheme: 'bearer' },
      // Fields stand in the order of the schemas: what identifies a record first, dates and version last.
      orderSchemaPropertiesBy: 'preserve',
      orderRequiredPropertiesFirst: false,
    });
  });
