import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import jsqr from 'jsqr'
import { browser, missing } from '../../../test/browser.ts'
import { qrSvg } from './qr.ts'
import { enrolmentUri, newSecret } from './totp.ts'

const read = (pixels: Uint8ClampedArray, side: number) => jsqr.default(pixels, side, side)?.data

/** Pixels of a module: as few as a reader gets along with. */
const SCALE = 3

/** Draws the dark path as a renderer would, so that a stranger may read it. */
function drawn(svg: string) {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]) * SCALE
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255)
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
    for (let row = Number(y) * SCALE; row < (Number(y) + 1) * SCALE; row++)
      for (let column = Number(x) * SCALE; column < (Number(x) + Number(width)) * SCALE; column++)
        pixels.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3)
  return { pixels, side }
}

const names = fc.string({
  unit: fc.constantFrom(...Array.from('abcXYZ 09&?#%@.ومؤسسة金👍')),
  minLength: 1,
  maxLength: 80,
})

test('what is written is what a stranger reads, for every name that people have', () => {
  fc.assert(
    fc.property(names, names, (issuer, account) => {
      const uri = enrolmentUri({ secret: newSecret(), issuer, account })
      const { pixels, side } = drawn(qrSvg(uri))
      assert.equal(read(pixels, side), uri)
    }),
    { numRuns: 25 },
  )
})

test('the picture is two paths, and nothing of the text gets into it', () => {
  const svg = qrSvg('"><script>alert(1)</script><path style="x')
  const frame = /^<svg xmlns="[\w:/.]+" viewBox="[\d ]+" shape-rendering="crispEdges">(.+)<\/svg>$/
  assert.match(frame.exec(svg)?.[1] ?? '', /^(?:<path fill="#\w+" d="[\w -]+"\/>){2}$/)
})

const POLICY = "default-src 'none'; img-src 'self'; require-trusted-types-for 'script'"

test('a browser draws it under the strictest policy', { skip: missing }, async () => {
  const uri = enrolmentUri({ secret: Buffer.alloc(20, 7), issuer: 'مؤسسة النخيل', account: 'sam@ashgrove.example' })
  const server = createServer((request, response) => {
    response.setHeader('content-security-policy', POLICY)
    if (request.url === '/code.svg') response.setHeader('content-type', 'image/svg+xml').end(qrSvg(uri))
    else response.setHeader('content-type', 'text/html').end('<!doctype html><title>QR</title><img src="/code.svg">')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const chrome = await browser()
  try {
    const page = await chrome.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const pixels = await page.evaluate<number[]>(`(() => {
      const canvas = new OffscreenCanvas(400, 400).getContext('2d')
      canvas.drawImage(document.querySelector('img'), 0, 0, 400, 400)
      return [...canvas.getImageData(0, 0, 400, 400).data]
    })()`)
    assert.equal(read(Uint8ClampedArray.from(pixels), 400), uri)
    assert.deepEqual(
      complaints.filter((each) => !each.includes('favicon')),
      [],
    )
  } finally {
    await chrome.close()
    server.close()
  }
})
