import { XMLBuilder, XMLParser } from 'fast-xml-parser';

// Names and numbers stay text: a key may be "007". What may come several times is always a list.
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  // Quotes come as `&#34;` from stores that are written in Go.
  htmlEntities: true,
  isArray: (name) => ['Object', 'Part', 'Upload', 'Contents'].includes(name),
});
const builder = new XMLBuilder({ ignoreAttributes: true });

export const toXml = (document: Record<string, unknown>): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${builder.build(document)}`;

/** Every value is text. Throws where the text is no XML. */
export const fromXml = (text: string): unknown => parser.parse(text, true);
