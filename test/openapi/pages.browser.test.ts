import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium, type Locator, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { StandaloneOptions } from '../../program/standalone.js'
import { createTokens } from '../../program/tokens.js'
import { build } from '../build.js'
import { hasNginx, startNginx } from '../proxies.js'

const executablePath = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome'
].find((path) => path !== undefined && existsSync(path))

// Without them, Chromium speaks to servers of its own; as root, as in a container, it has no sandbox.
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

const PICTURE = fileURLToPath(new URL('../../docs/docs.png', import.meta.url))

const cobol = { id: 0, name: 'COBOL', publication_year: 1960, contribution: 'record data' }
const logo = { name: 'Logo', publication_year: 1967, contribution: 'turtle graphics' }

// A browser takes its time to start, more so on a machine that is busy with the other tests.
t.test('the documentation in a browser', { skip: executablePath === undefined && 'no Chromium on this machine' }, async (t) => {
  const { page, origin, origins, complaints } = await openDocumentation(t, executablePath!)

  await t.test('shows the six operations', async (t) => {
    t.same(await shownOperations(page), [
      'GET /programming_languages',
      'POST /programming_languages',
      'GET /programming_languages/{programming_language_id}',
      'PUT /programming_languages/{programming_language_id}',
      'PATCH /programming_languages/{programming_language_id}',
      'DELETE /programming_languages/{programming_language_id}'
    ].sort())
  })

  await executeEach(t, page)

  await t.test('nothing is wider than the screen, whatever is open', async (t) => {
    await page.goto('docs')
    t.equal((await tryOut(page, 'listProgrammingLanguages')).status, 200)
    t.equal((await tryOut(page, 'createProgrammingLanguage')).status, 201)
    t.equal((await tryOut(page, 'updateProgrammingLanguage', { id: 1 })).status, 200)
    for (const width of [375, 390, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      t.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width, `${width} pixels`)
      const description = await page.locator('.opblock-tag small').first().boundingBox()
      t.ok(description !== null && description.width > 250 && description.height < 100, 'the description of a tag has room')
    }
  })

  // Only where it is asked for, because each picture is another file.
  if (process.env['SCREENSHOT'] === '1') await t.test('takes the picture in the README', () => takePicture(page))

  t.same([...origins], [origin], 'asked no other server for anything')
  t.same(complaints, [], 'without an error on the page or in the console')
})

t.test('the documentation of an API with tokens in a browser', { skip: executablePath === undefined && 'no Chromium on this machine' }, async (t) => {
  const { page, origin, origins, complaints } = await openDocumentation(t, executablePath!, { tokens: createTokens(['sesame']) })

  await t.test('a guarded write, without a token and after Authorize', async (t) => {
    t.match(await tryOut(page, 'createProgrammingLanguage', { body: logo }), { status: 401, body: { type: 'urn:problem-type:unauthorized' } })
    await page.locator('.btn.authorize').first().click()
    await page.locator('.modal-ux input').fill('sesame')
    await page.locator('.modal-ux').getByRole('button', { name: 'Apply credentials' }).click()
    await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).last().click()
    const create = operationOf(page, 'createProgrammingLanguage')
    await create.getByRole('button', { name: 'Execute' }).click()
    await create.locator('.live-responses-table .highlight-code code', { hasText: '"id": 8' }).waitFor()
    t.equal(await create.locator('.live-responses-table tbody .response-col_status').first().textContent(), '201')
  })

  await t.test('a conditional write, with the ETag that a read has shown', async (t) => {
    t.equal((await tryOut(page, 'getProgrammingLanguage', { id: 0 })).status, 200)
    const fields = await page.locator('.opblock[id$="-getProgrammingLanguage"] .live-responses-table .headerline').allTextContents()
    const etag = fields.join('\n').match(/etag: ("[^"]+")/)?.[1] ?? ''
    const body = { ...cobol, name: 'COBOL-60' }
    t.same(await tryOut(page, 'replaceProgrammingLanguage', { id: 0, fields: { 'If-Match': etag }, body }), { status: 200, body })
    const patch = operationOf(page, 'updateProgrammingLanguage')
    t.equal((await tryOut(page, 'updateProgrammingLanguage', { id: 0, fields: { 'If-Match': etag } })).status, 412)
    t.match(await patch.locator('.live-responses-table').textContent(), 'precondition-failed')
  })

  await t.test('a page that is followed', async (t) => {
    const { body } = await tryOut(page, 'listProgrammingLanguages', { fields: { limit: '4' } })
    const list = operationOf(page, 'listProgrammingLanguages')
    const cursor = new URL(body.next, origin).searchParams.get('cursor') ?? ''
    await list.getByPlaceholder('cursor', { exact: true }).fill(cursor)
    await list.getByRole('button', { name: 'Execute' }).click()
    await list.locator('.request-url', { hasText: encodeURIComponent(cursor) }).waitFor()
    await list.locator('.live-responses-table .highlight-code code', { hasText: '"id": 4' }).waitFor()
    t.equal(await list.locator('.live-responses-table tbody .response-col_status').first().textContent(), '200')
  })

  t.same([...origins], [origin], 'asked no other server for anything')
  t.same(complaints.filter((complaint) => !/\b(401|412)\b/.test(complaint)), [], 'without another error on the page or in the console')
})

t.test('the documentation behind an nginx that strips a prefix, with TLS, in a browser', { skip: (executablePath === undefined || !hasNginx) && 'no Chromium or no nginx on this machine' }, async (t) => {
  const base = '/tools/langs'
  const { page, origin, origins, complaints } = await openDocumentation(t, executablePath!, { basePath: base }, async (address) => {
    const { origin } = await startNginx(t, address, base)
    return `${origin}${base}`
  })
  await executeEach(t, page)
  t.same([...origins], [origin], 'asked no other server for anything')
  t.same(complaints, [], 'without an error on the page or in the console')
})

t.test('the documentation by keyboard alone', { skip: executablePath === undefined && 'no Chromium on this machine' }, async (t) => {
  const { page } = await openDocumentation(t, executablePath!)
  await page.setViewportSize({ width: 375, height: 800 })
  for (const control of ['[id$="-getProgrammingLanguage"] .opblock-summary-control', '[id$="-getProgrammingLanguage"] .try-out__btn']) await press(page, control)
  await tabTo(page, '[placeholder="programming_language_id"]')
  await page.keyboard.type('0')
  await press(page, '[id$="-getProgrammingLanguage"] .execute')
  const answer = operationOf(page, 'getProgrammingLanguage').locator('.live-responses-table tbody .response')
  t.equal(await answer.locator('.response-col_status').textContent(), '200')
  t.same(JSON.parse(await answer.locator('.highlight-code code').textContent() ?? ''), cobol)
})

/** Presses what a selector finds, as those who have no mouse do. */
async function press (page: Page, selector: string): Promise<void> {
  await tabTo(page, selector)
  await page.keyboard.press('Enter')
}

/** Goes to what a selector finds, from one thing that takes the focus to the next, and sees that the focus shows there. */
async function tabTo (page: Page, selector: string): Promise<void> {
  await page.locator(selector).waitFor()
  for (let presses = 0; presses < 100; presses++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(`${selector}:focus-visible`)})`)) return
  }
  throw new Error(`nobody gets to ${selector} by keyboard`)
}

/** Executes each of the six operations on a fresh page, on records of which no one has changed any. */
async function executeEach (t: Test, page: Page): Promise<void> {
  await t.test('list', async (t) => {
    const { status, body } = await execute(page, 'listProgrammingLanguages')
    t.equal(status, 200)
    t.equal(body.programming_languages.length, 8)
    t.same(body.programming_languages[0], cobol)
  })

  await t.test('create', async (t) => {
    const answer = await execute(page, 'createProgrammingLanguage', { body: logo })
    t.same(answer, { status: 201, body: { id: 8, ...logo } })
  })

  await t.test('view', async (t) => {
    const answer = await execute(page, 'getProgrammingLanguage', { id: 0 })
    t.same(answer, { status: 200, body: cobol })
  })

  await t.test('replace', async (t) => {
    const answer = await execute(page, 'replaceProgrammingLanguage', { id: 0, body: { ...cobol, name: 'COBOL-60' } })
    t.same(answer, { status: 200, body: { ...cobol, name: 'COBOL-60' } })
  })

  await t.test('update part, with a merge patch', async (t) => {
    const body = { publication_year: 1961 }
    const answer = await execute(page, 'updateProgrammingLanguage', { id: 0, mediaType: 'application/merge-patch+json', body })
    t.same(answer, { status: 200, body: { ...cobol, name: 'COBOL-60', publication_year: 1961 } })
  })

  await t.test('update part, with a JSON Patch', async (t) => {
    const answer = await execute(page, 'updateProgrammingLanguage', { id: 0, mediaType: 'application/json-patch+json' })
    t.same(answer, { status: 200, body: { ...cobol, name: 'COBOL-60', publication_year: 1961 } }, 'the example of the page itself')
  })

  await t.test('delete', async (t) => {
    t.same(await execute(page, 'deleteProgrammingLanguage', { id: 0 }), { status: 204, body: undefined })
  })
}

/** Opens `/docs` and records, from the first request on, where the page asks for things and what goes wrong. */
async function openDocumentation (t: Test, executablePath: string, options: StandaloneOptions = {}, frontOf = async (address: string) => address) {
  const address = await frontOf(await build(t, options).listen({ host: '127.0.0.1', port: 0 }))
  const { origin } = new URL(address)
  const browser = await chromium.launch({ executablePath, args: QUIET })
  t.teardown(() => browser.close())

  const page = await browser.newPage({ baseURL: `${address}/`, ignoreHTTPSErrors: true })
  const origins = new Set<string>()
  const complaints: string[] = []
  page.on('request', (request) => { origins.add(new URL(request.url()).origin) })
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText
    // Who leaves a page aborts what it was still loading.
    if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url()}: ${reason}`)
  })
  page.on('response', (response) => { if (response.status() >= 400) complaints.push(`${response.url()}: ${response.status()}`) })
  page.on('pageerror', (error) => { complaints.push(error.message) })
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()) })

  await page.goto('docs')
  await page.locator('.opblock').first().waitFor()
  return { page, origin, origins, complaints }
}

/** Takes the picture of the operations, without what is about this server alone. */
async function takePicture (page: Page): Promise<void> {
  await page.setViewportSize({ width: 1000, height: 800 })
  await page.goto('docs')
  await page.locator('.opblock').first().waitFor()
  await page.addStyleTag({ content: '.info .link, .info__license, .scheme-container { display: none !important } .swagger-ui .info { margin: 20px 0 !important }' })
  const { y, height } = await page.locator('.opblock-tag-section').first().boundingBox() ?? { y: 0, height: 800 }
  await page.screenshot({ path: PICTURE, clip: { x: 0, y: 0, width: 1000, height: y + height } })
}

/** The method and the path of each operation on a language that the page shows, sorted. */
async function shownOperations (page: Page): Promise<string[]> {
  const summaries = await page.locator('.opblock-tag-section', { hasText: 'A programming language' }).locator('.opblock-summary').all()
  const shown = await Promise.all(summaries.map(async (summary) => {
    const method = await summary.locator('.opblock-summary-method').textContent()
    return `${method} ${await summary.locator('.opblock-summary-path').getAttribute('data-path')}`
  }))
  return shown.sort()
}

interface Input {
  id?: number
  mediaType?: string
  /** Parameters, by their names. */
  fields?: Record<string, string>
  body?: unknown
}

const operationOf = (page: Page, operationId: string): Locator => page.locator(`.opblock[id$="-${operationId}"]`)

/** Tries an operation on a fresh page. */
async function execute (page: Page, operationId: string, input: Input = {}) {
  await page.goto('docs')
  return tryOut(page, operationId, input)
}

/** Tries an operation, as a reader would, and reads its answer off the page. */
async function tryOut (page: Page, operationId: string, { id, mediaType, fields = {}, body }: Input = {}) {
  const operation = operationOf(page, operationId)
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  if (id !== undefined) await operation.getByPlaceholder('programming_language_id').fill(`${id}`)
  for (const [name, value] of Object.entries(fields)) await operation.getByPlaceholder(name, { exact: true }).fill(value)
  if (mediaType !== undefined) await operation.locator('.opblock-section-request-body select').selectOption(mediaType)
  if (body !== undefined) await operation.locator('textarea.body-param__text').fill(JSON.stringify(body))
  await operation.getByRole('button', { name: 'Execute' }).click()

  const answer = operation.locator('.live-responses-table tbody .response')
  const status = Number(await answer.locator('.response-col_status').textContent())
  const code = answer.locator('.highlight-code code')
  return { status, body: await code.count() === 0 ? undefined : JSON.parse(await code.textContent() ?? '') }
}
