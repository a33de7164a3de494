import assert from 'node:assert/strict'
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { cosignatureVerifier, cosigner } from './cosignature.ts'
import { fromBase64, isKeyName, keyName, KIND, readVerifierKey, verifierKey } from './key.ts'
import { noteSigner, noteVerifier, openNote, signatureLine, signNote, Untrusted, type Verifier } from './note.ts'

/** A key pair that is always the same, so that a failure can be seen again. */
const keyOf = (seed: number): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]),
    format: 'der',
    type: 'pkcs8',
  })
const [ours, theirs] = [keyOf(1), keyOf(2)]
const LOG = 'example.com/log'
const verifier = noteVerifier(verifierKey(LOG, ours, KIND.note))
const other = noteVerifier(verifierKey('example.com/other', theirs, KIND.note))
const signer = noteSigner(LOG, ours)
const TEXT = 'example.com/log\n42\nsome root\n'
const note = signNote(TEXT, [signer])

const open = (text: string | Uint8Array, known: readonly Verifier[] = [verifier]) => openNote(Buffer.from(text), known)
const refused = (text: string | Uint8Array, code: Untrusted['code'], known = [verifier], why = '') =>
  assert.throws(
    () => open(text, known),
    (error) => error instanceof Untrusted && error.code === code,
    why || JSON.stringify(String(text)),
  )

test('the examples of the standard and of Go are read', () => {
  const standard = noteVerifier('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
  const line = 'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM='
  const example = `This is an example message.\n\n— example.com/foo ${line}\n`
  assert.equal(open(example, [standard]).text, 'This is an example message.\n')
  const neumann = noteVerifier('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  const words = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const by = 'x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM='
  assert.equal(open(`${words}\n— PeterNeumann ${by}\n`, [neumann]).text, words)
})

test('a note is text, an empty line and a line for each key; whoever knows one of them reads it', () => {
  const both = signNote(TEXT, [signer, noteSigner('example.com/other', theirs)])
  assert.match(note, /^example\.com\/log\n42\nsome root\n\n— example\.com\/log [A-Za-z0-9+/]{90}[A-Za-z0-9+/=]{2}\n$/)
  assert.equal(open(note).text, TEXT)
  for (const known of [[verifier], [other], [other, verifier]]) {
    const { text, by } = open(both, known)
    assert.deepEqual([text, new Set(by.keys())], [TEXT, new Set(known)])
  }
  assert.equal(note + signatureLine(TEXT, noteSigner('example.com/other', theirs)), both)
})

test('texts may hold empty lines and any letters, and come back as they were', () => {
  const letters = fc.oneof(
    fc.constant('\n'),
    fc.constantFrom('—', ' ', '\uFEFF', '\u202E', 'ض'),
    fc.string({ unit: 'grapheme', maxLength: 1 }),
  )
  fc.assert(
    fc.property(fc.string({ unit: letters }), (any) => {
      const text = `${any}\n`
      if (Array.from(text).some((letter) => letter < '\n' || (letter > '\n' && letter < ' ')))
        assert.throws(() => signNote(text, [signer]), TypeError)
      else assert.equal(open(signNote(text, [signer])).text, text)
    }),
  )
  for (const text of ['', 'no end', 'a\tb\n', 'a\r\n', 'a\0\n', '\uD83D\n', '\u001b[2J\n'])
    assert.throws(() => signNote(text, [signer]), TypeError, JSON.stringify(text))
})

test('whatever byte is changed, left out or added, the note is refused (row 33)', () => {
  const bytes = Buffer.from(note)
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 1 << bit
      assert.throws(() => open(changed), Untrusted, `byte ${at}, bit ${bit}`)
    }
    assert.throws(
      () => open(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])),
      Untrusted,
      `without ${at}`,
    )
    for (const letter of ['\n', ' ', 'a', '=', '—'])
      assert.throws(
        () => open(Buffer.concat([bytes.subarray(0, at), Buffer.from(letter), bytes.subarray(at)])),
        Untrusted,
      )
  }
  for (const more of ['\n', ' ', '\0', '\n\n', '\r\n', '— ', `\n${note}`])
    assert.throws(() => open(note + more), Untrusted)
})

test('unknown signatures are passed over, however odd, and a wrong one of a known key spoils all', () => {
  const strange = generateKeyPairSync('ed25519').privateKey
  const unknown = [
    signatureLine(TEXT, noteSigner('example.net/x', strange)),
    `— α/ß ${Buffer.alloc(2_424).toString('base64')}\n`,
  ]
  assert.equal(open(note + unknown.join('') + unknown[0]).text, TEXT)
  refused(`${TEXT}\n${unknown.join('')}`, 'unsigned')
  refused(signNote(TEXT, [noteSigner(LOG, strange)]), 'unsigned', [verifier], 'the same name, another key')
  const forged = signatureLine(TEXT, { ...keyName(LOG, ours, KIND.note), sign: () => Buffer.alloc(64) })
  refused(`${TEXT}\n${forged}`, 'forged')
  refused(signNote(TEXT, [noteSigner('example.com/other', theirs)]) + forged, 'forged', [other, verifier])
  const [name] = note.split('\n\n').slice(-1)
  refused(`another text\n\n${name}`, 'forged')
  refused(note, 'unsigned', [])
})

test('a key that is known signs once', () => {
  const line = signatureLine(TEXT, signer)
  refused(note + line, 'malformed')
  refused(`${TEXT}\n${line}${signatureLine(TEXT, noteSigner('example.com/other', theirs))}${line}`, 'malformed')
})

test('what is no note is refused, and nothing else is thrown', () => {
  const line = signatureLine(TEXT, signer)
  const coded = line.trim().split(' ')[2]!
  const lines = [
    '',
    '\n',
    'text',
    '— ',
    line.replace('—', '-'),
    line.replace('— ', '—'),
    line.replace(' ', '\u00A0'),
    `${line.trim()} x\n`,
  ]
  const sly = [
    `— a\u0085b ${coded}\n`,
    `— a\u2003b ${coded}\n`,
    `— a+b ${coded}\n`,
    `—  ${coded}\n`,
    '— a \n',
    '— a AAAAAA==\n',
    '— a AAAAA\n',
    '— a A_-A\n',
  ]
  for (const odd of [...lines, ...sly]) refused(`${TEXT}\n${odd}`, 'malformed')
  for (const odd of [
    '',
    '\n',
    '\n\n',
    TEXT,
    line,
    `\n${line}`,
    `${TEXT}${line}`,
    `${note}\n`,
    note.trim(),
    note.replaceAll('\n', '\r\n'),
  ])
    refused(odd, 'malformed')
  for (const odd of [[0xff], [0xc0, 0x8a], [0xed, 0xa0, 0x80]])
    refused(Buffer.concat([Buffer.from(odd), Buffer.from(note)]), 'malformed')
  refused(`\uFEFF${note}`, 'forged', [verifier], 'a byte order mark is not overlooked')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, ends) => {
      const any = Buffer.concat([bytes, Buffer.from(ends ? `\n\n${line}` : '')])
      assert.throws(() => open(any), Untrusted)
    }),
  )
})

test('a text that no note can hold is refused although its signature is right', () => {
  for (const text of ['a\tb\n', 'a\r\n', 'a\0b\n', '\u001b[2J\n']) {
    const [, line] = signatureLine('a\n', { ...signer, sign: () => signer.sign(Buffer.from(text)) }).split('— ')
    refused(`${text}\n— ${line}`, 'malformed')
  }
})

test('base64 is read in one spelling only', () => {
  const spellings = ['QQ==', 'QR==', 'QQ=', 'QQ', 'QQ===', ' QQ==', 'QQ==\n', 'Q Q==', '-_-_', '+/+/', '']
  assert.deepEqual(
    spellings.filter((text) => fromBase64(text)),
    ['QQ==', '+/+/', ''],
  )
})

test('a note has bounds: sixteen signatures of the longest kind are read, a crowd or a flood is not', () => {
  const long = (count: number, bytes: number) =>
    Array.from(
      { length: count },
      (_, at) => `— witness.example/${at} ${Buffer.alloc(bytes, at + 1).toString('base64')}\n`,
    ).join('')
  assert.equal(open(note + long(15, 5_000)).text, TEXT)
  assert.equal(open(note + long(31, 72)).text, TEXT)
  refused(note + long(32, 72), 'malformed', [verifier], 'too many')
  refused(note + long(20, 8_000), 'malformed', [verifier], 'too long')
})

test('a key is called what the standard lets it be called', () => {
  for (const name of ['a', 'example.com/log', 'سجل', '👍', 'a/b?c', 'a—b']) assert.ok(isKeyName(name), name)
  const odd = ['', ' ', 'a b', 'a+b', 'a\nb', 'a\tb', 'a\u00A0b', 'a\u0085b', 'a\u2028b', 'a\u3000b', 'a\0b', '\uD83D']
  for (const name of odd) {
    assert.ok(!isKeyName(name), JSON.stringify(name))
    assert.throws(() => noteSigner(name, ours), TypeError)
    assert.throws(() => verifierKey(name, ours, KIND.note), TypeError)
  }
  assert.throws(() => noteSigner('a'.repeat(256), ours), TypeError)
  assert.throws(() => noteSigner('a', generateKeyPairSync('x25519').privateKey), TypeError)
})

test('a verifier key is one line that both halves of a pair give, and is read in one spelling for one kind', () => {
  const line = verifierKey(LOG, ours, KIND.note)
  assert.match(line, /^example\.com\/log\+[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}$/)
  const { key, ...name } = readVerifierKey(line, KIND.note)
  assert.equal(verifierKey(LOG, key, KIND.note), line)
  assert.deepEqual(name, keyName(LOG, ours, KIND.note))
  const cosigning = verifierKey(LOG, ours, KIND.cosignature)
  assert.notEqual(readVerifierKey(cosigning, KIND.cosignature).id, name.id)
  const odd = ['', LOG, `${line} `, `${line}\n`, ` ${line}`, `${line}=`, line.slice(1), line.toUpperCase(), cosigning]
  for (const text of odd) assert.throws(() => noteVerifier(text), TypeError, text)
  assert.throws(() => cosignatureVerifier(line), TypeError)
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] === 'b' ? 'c' : 'b'
    assert.throws(() => noteVerifier(line.slice(0, at) + letter + line.slice(at + 1)), TypeError, String(at))
  }
})

test('what a key says as a witness is not taken for what it says as a log, nor the other way about', () => {
  const witness = cosignatureVerifier(verifierKey(LOG, ours, KIND.cosignature))
  refused(signNote(TEXT, [cosigner(LOG, ours, 1_000)]), 'unsigned')
  refused(note, 'unsigned', [witness])
  const asLog = { ...cosigner(LOG, ours, 1_000), sign: signer.sign }
  refused(signNote(TEXT, [asLog]), 'forged', [witness])
  const asWitness = { ...signer, sign: cosigner(LOG, ours, 1_000).sign }
  refused(signNote(TEXT, [asWitness]), 'forged')
})
