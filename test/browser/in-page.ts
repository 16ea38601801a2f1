/** What the tests run in a page, as text: the checks of this project know of no document. */

/** Opens what is folded. */
export const UNFOLD = 'for (const details of document.querySelectorAll("details")) details.open = true';

/** Every link, and every element and attribute that no template of ours has. */
export const CONTENTS = `(() => {
  const strange = [];
  const links = [];
  for (const element of document.querySelectorAll('*')) {
    const name = element.tagName.toLowerCase();
    if (/^(?:script|iframe|frame|object|embed|applet|base|link|form|input|button|img|image|audio|video|use|foreignobject|marquee)$/.test(name))
      strange.push(name);
    for (const attribute of element.attributes) {
      if (/^on|^src|^style$|^action$|^formaction$|^autofocus$/.test(attribute.name)) strange.push(name + ' ' + attribute.name);
      if (attribute.name === 'href' || attribute.name === 'xlink:href') links.push(attribute.value);
    }
  }
  return { strange: [...new Set(strange)], links: [...new Set(links)] };
})()`;

/** What makes the body of the page scroll sideways; nothing when it does not. */
export const TOO_WIDE = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const far = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > clientWidth + 1);
  return [
    scrollWidth + ' > ' + clientWidth,
    ...far.slice(0, 5).map((element) => element.tagName.toLowerCase() + '.' + (element.getAttribute('class') ?? '') + ': ' + element.textContent.trim().slice(0, 40)),
  ];
})()`;

/** What the page's style says for a dark scheme only, but for colours and variables that hold one; nothing when a scheme is of colours alone. */
export const ONLY_IN_DARK = `(() => {
  const found = [];
  const sheets = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  const dark = sheets.filter((rule) => rule instanceof CSSMediaRule && rule.conditionText.includes('prefers-color-scheme'));
  if (dark.length === 0) found.push('no dark scheme');
  for (const rule of dark.flatMap((media) => [...media.cssRules])) {
    if (!(rule instanceof CSSStyleRule)) found.push(rule.cssText);
    else for (const name of rule.style) {
      const value = rule.style.getPropertyValue(name).trim();
      const color = name.startsWith('--') ? CSS.supports('color', value) : /^(?:color|fill|stroke|(?:background|border)(?:-\\w+)*-color)$/.test(name);
      if (!color) found.push(rule.selectorText + ' ' + name + ': ' + value);
    }
  }
  return found;
})()`;
