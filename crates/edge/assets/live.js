// Keeps a page fresh: when the server says that something changed, the page is fetched again and its live regions replaced.
// Everything works without this file; then a reload shows the newest state.
(() => {
  'use strict';
  const pause = 1000;
  const mark = document.querySelector('[data-live-mark]');
  if (!mark || !('EventSource' in window)) return;

  const say = (state, words) => {
    mark.dataset.liveMark = state;
    mark.textContent = words;
    mark.hidden = false;
  };

  // What the reader has unfolded stays unfolded, and what has the focus keeps it.
  const replace = (old, fresh) => {
    for (const open of old.querySelectorAll('details[open][id]')) {
      fresh.querySelector('#' + CSS.escape(open.id))?.setAttribute('open', '');
    }
    const link = old.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    old.replaceWith(fresh);
    if (link) fresh.querySelector('a[href="' + CSS.escape(link) + '"]')?.focus({ preventScroll: true });
  };

  const refresh = async () => {
    const answer = await fetch(location.href, { headers: { accept: 'text/html', 'countersign-live': '1' }, credentials: 'same-origin' });
    if (!answer.ok) throw new Error('the page answered ' + answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const old of document.querySelectorAll('[data-live]')) {
      const fresh = page.getElementById(old.id);
      if (fresh && fresh.outerHTML !== old.outerHTML) replace(old, document.adoptNode(fresh));
    }
  };

  // At most one fetch a second, none while nobody looks or while somebody is marking text to copy.
  let wanted = false;
  let resting = false;
  const turn = async () => {
    if (!wanted || resting || document.hidden) return;
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed) return;
    wanted = false;
    resting = true;
    try {
      await refresh();
    } catch {
      say('lost', 'Not live, reload the page');
    }
    setTimeout(() => { resting = false; turn(); }, pause);
  };
  const changed = () => { wanted = true; turn(); };
  document.addEventListener('visibilitychange', turn);
  document.addEventListener('selectionchange', turn);

  let feed;
  const listen = () => {
    feed = new EventSource('/console/events');
    feed.addEventListener('open', () => {
      say('on', 'Live');
      // What happened before the line was up was not announced.
      changed();
    });
    feed.addEventListener('changed', changed);
    feed.addEventListener('error', () => {
      say('lost', feed.readyState === EventSource.CLOSED ? 'Not live, reload the page' : 'Connecting again');
    });
  };
  addEventListener('pagehide', () => feed.close());
  addEventListener('pageshow', (event) => { if (event.persisted) listen(); });
  listen();
})();
