import { fillOf, paint } from '../palette';

/** Shapes and grounds that all pictures of a page share. */
export const symbols = `<svg width="0" height="0" class="symbols" aria-hidden="true"><defs>
<path id="s-cross" d="M-3.5-3.5L3.5 3.5M3.5-3.5L-3.5 3.5" fill="none" stroke-width="2.2" stroke-linecap="round"/>
<g id="s-unknown"><circle r="5" stroke-width="1"/><text y="3.4" text-anchor="middle" font-size="9" font-weight="700" fill="#fff" stroke="none" class="on">?</text></g>
<path id="s-line" d="M-.8-4h1.6v8h-1.6z" stroke="none"/>
<path id="s-warning" d="M0-5L5 4H-5Z" stroke-width="1"/>
<path id="s-error" d="M0-5L5 0L0 5L-5 0Z" stroke-width="1.5"/>
<path id="s-fatal" d="M-2.2-5.2H2.2L5.2-2.2V2.2L2.2 5.2H-2.2L-5.2 2.2V-2.2Z" stroke="none"/>
<path id="s-hit" d="M1.5-8L-5 1.5H-.8L-2 8L5-2H.8Z" stroke-width="1" stroke-linejoin="round"/>
<path id="s-down" d="M-4.5-8L0 0L4.5-8Z" stroke="none"/>
<path id="s-up" d="M-4.5 8L0 0L4.5 8Z" stroke="none"/>
<circle id="s-dot" r="3.2" stroke="none"/>
<pattern id="p-fault" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" stroke="#d9480f" stroke-opacity=".28" stroke-width="3" class="stripe-fault"/></pattern>
<pattern id="p-stopped" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V7" ${paint('stopped')} stroke-opacity=".35" stroke-width="1"/></pattern>
<pattern id="p-paused" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path d="M0 0V7" ${paint('doubtful')} stroke-opacity=".3" stroke-width="2"/></pattern>
<pattern id="p-unseen" width="5" height="5" patternUnits="userSpaceOnUse"><circle cx="1.5" cy="1.5" r=".8" fill="${fillOf('lag')}" fill-opacity=".5"/></pattern>
</defs></svg>`;
