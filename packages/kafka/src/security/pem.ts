// PEM texts, as files and as values of configuration keys (KIP-651): blocks of base64 between two marks.

/** One block of a PEM text, written afresh: 64 characters a line, so that a text squeezed into one line works too. */
export interface PemBlock {
  /** What it says it is: `CERTIFICATE`, `PRIVATE KEY`, `ENCRYPTED PRIVATE KEY`, ... */
  readonly label: string
  readonly text: string
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+?)\s*-----([\s\S]*?)-----END \1\s*-----/g
const HEADERS = /^[\w-]+:.*$/gm

/** All blocks of a text; whatever stands between them is left out. */
export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([, label, body]) => {
    // Keys of the old kind carry headers that say how they are encrypted: they must stay as they are.
    const headers = (body as string).match(HEADERS) ?? []
    const base64 = (body as string).replace(HEADERS, '').replace(/\s+/g, '')
    return { label: label as string, text: toPem(label as string, base64, headers) }
  })
}

/** A block from DER bytes. */
export function derToPem(label: string, der: Uint8Array): string {
  return toPem(label, Buffer.from(der.buffer, der.byteOffset, der.length).toString('base64'), [])
}

export function isCertificate(block: PemBlock): boolean {
  return block.label.endsWith('CERTIFICATE')
}

export function isPrivateKey(block: PemBlock): boolean {
  return block.label.endsWith('PRIVATE KEY')
}

function toPem(label: string, base64: string, headers: readonly string[]): string {
  const head = headers.length === 0 ? '' : `${headers.map((line) => line.trim()).join('\n')}\n\n`
  return `-----BEGIN ${label}-----\n${head}${base64.replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`
}
