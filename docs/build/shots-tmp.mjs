import { chromium } from 'playwright-core';
const pages = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless','--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'] });
for (const [w, scheme] of [[1280,'light'],[390,'light'],[1280,'dark']]) {
  const ctx = await browser.newContext({ viewport: { width: w, height: 900 }, colorScheme: scheme });
  for (const p of pages) {
    const page = await ctx.newPage();
    page.on('console', (m) => { if (['error','warning'].includes(m.type())) console.log(p, w, m.text().slice(0,300)); });
    page.on('pageerror', (e) => console.log(p, w, 'ERR', e.message.slice(0,300)));
    page.on('request', (r) => { if (!r.url().startsWith('http://127.0.0.1:4399')) console.log('LEAVES', r.url().slice(0,80)); });
    await page.goto('http://127.0.0.1:4399/' + p, { waitUntil: 'networkidle' });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) console.log(p, w, 'overflows by', over);
    await page.screenshot({ path: `/tmp/shots/${(p||'index').replaceAll('/','-').replace('.html','')}-${w}-${scheme}.png`, fullPage: true });
    await page.close();
  }
  await ctx.close();
}
await browser.close();
