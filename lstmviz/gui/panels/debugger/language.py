"""The language of breakpoints and watches in a few lines, for tooltips."""

from __future__ import annotations

LANGUAGE = (
    "f[2] < 0.1   forget gate of unit 2\n"
    "any(abs(c) > 3)   some cell state is large\n"
    "norm(dh) < 1e-6   the gradient dL/dh has vanished\n"
    "c[0] * prev(c[0]) < 0   the memory of unit 0 changes sign\n"
    'not finite(c)   ·   token == "a"   ·   rnn.h[0] > 0   ·   l1.f[2] < 0.1\n\n'
    "Names: x f i g o c h, z_f z_i z_g z_o before the gates, tanh_c; d in front of any is its gradient;\n"
    "y dy loss t T token. A plain name means layer l0.\n"
    "loss is what step t adds to L; 0 where the loss does not look.\n"
    "any all max min mean norm abs finite prev · and or not · < <= > >= == != · + − * / % **\n"
    "prev is the step before in time. A comparison with nan is false."
)
"""What one can write, by example."""
