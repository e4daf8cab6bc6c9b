import type { DemoDocument } from './demo-company.ts';

/** The bytes of a demo document: a PDF of one page for a name that ends so, else plain text. */
export function documentOf({ name, lines }: DemoDocument): { contentType: string; bytes: Buffer<ArrayBuffer> } {
  return name.endsWith('.pdf')
    ? { contentType: 'application/pdf', bytes: pdfOf(lines) }
    : { contentType: 'text/plain', bytes: Buffer.from(`${lines.join('\n')}\n`) };
}

/** A PDF of one A4 page with these lines, the first one large. Its font has the characters of Latin-1. */
function pdfOf(lines: readonly string[]): Buffer<ArrayBuffer> {
  const escaped = lines.map((line) => line.replace(/[\\()]/g, '\\$&'));
  const shown = escaped.map((line, index) => `/F1 ${index === 0 ? 20 : 12} Tf (${line}) Tj 0 -28 Td`).join('\n');
  const content = `BT 72 760 Td\n${shown}\nET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ].map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`);
  const header = '%PDF-1.4\n';
  const offsets = objects.map((_, index) => header.length + objects.slice(0, index).join('').length);
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = header.length + objects.join('').length;
  const size = objects.length + 1;
  return Buffer.from(
    `${header}${objects.join('')}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    'latin1',
  );
}
