"""Models of every kind that a diagram has to show, as text for ``frame_of``."""

from itertools import combinations


def _measured(factors, items):
    return [
        f"K{n} =~ " + " + ".join(f"item{n}_{k:02d}" for k in range(1, items + 1))
        for n in range(1, factors + 1)
    ]


def _cfa(factors, items):
    pairs = combinations(range(1, factors + 1), 2)
    return "\n".join([*_measured(factors, items), *(f"K{a} ~~ K{b}" for a, b in pairs)])


_LARGE = "K3 ~ K1 + K2; K4 ~ K1 + K2; K5 ~ K3 + K4; K6 ~ K3 + K4; K7 ~ K5 + K6; K8 ~ K7 + K1; K1 ~~ K2"

MODELS = {
    "shipped": """
coordination =~ col1 + col2 + col3 + col4
conflict =~ con1 + con2 + con3 + con4
alignment =~ ali1 + ali2 + ali3 + ali4
internal =~ int1 + int2 + int3
market =~ mkt1 + mkt2 + mkt3
performance =~ internal + market
conflict ~ coordination
alignment ~ coordination
performance ~ conflict + alignment
performance ~ coordination
""",
    "one_factor": "trust =~ t1 + t2 + t3 + t4 + t5\nt1 ~~ t2\nt4 ~~ t5",
    "cfa_three": """
visual =~ x1 + x2 + x3
textual =~ x4 + x5 + x6
speed =~ x7 + x8 + x9
visual ~~ textual
visual ~~ speed
textual ~~ speed
x7 ~~ x8
""",
    "cfa_six": _cfa(6, 4),
    "second_order": """
f =~ a1 + a2 + a3
g =~ b1 + b2 + b3
h =~ c1 + c2 + c3
G =~ f + g + h
""",
    "third_order": """
f =~ a1 + a2 + a3
g =~ b1 + b2 + b3
h =~ c1 + c2
i =~ d1 + d2
G =~ f + g
H =~ h + i
Top =~ G + H
""",
    "bifactor": """
g =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9
s1 =~ x1 + x2 + x3
s2 =~ x4 + x5 + x6
s3 =~ x7 + x8 + x9
""",
    "mimic": """
depression =~ d1 + d2 + d3 + d4
depression ~ age + sex + income
age ~~ sex
age ~~ income
sex ~~ income
""",
    "path_analysis": """
stress ~ workload + control + support
exhaustion ~ stress + workload
turnover ~ exhaustion + stress + support
workload ~~ control
control ~~ support
workload ~~ support
""",
    "parallel_mediators": """
m1 ~ x
m2 ~ x
m3 ~ x
y ~ m1 + m2 + m3 + x
m1 ~~ m2
m2 ~~ m3
""",
    "serial_chain": """
b ~ a
c ~ b + a
d ~ c + b + a
e ~ d + c + a
""",
    "feedback": """
y1 ~ x1 + y2
y2 ~ x2 + y1
y1 ~~ y2
x1 ~~ x2
""",
    "loop_latent": """
a =~ a1 + a2 + a3
b =~ b1 + b2 + b3
c =~ c1 + c2 + c3
b ~ a
c ~ b
a ~ c
""",
    "cross_loadings": """
f =~ a + b + c + d
g =~ d + e + h + i
f ~~ g
a ~~ i
""",
    "single_indicator": """
tenure =~ years
skill =~ s1 + s2 + s3
perf =~ p1 + p2 + p3
skill ~ tenure
perf ~ skill + tenure
""",
    "observed_exogenous": """
att =~ a1 + a2 + a3
int =~ i1 + i2 + i3
beh =~ b1 + b2
att ~ age
int ~ att + norm + control
beh ~ int + control
norm ~~ control
age ~~ norm
""",
    "growth": """
i =~ t1 + t2 + t3 + t4 + t5
s =~ t1 + t2 + t3 + t4 + t5
i ~~ s
i ~ gender
s ~ gender
""",
    "cross_lagged": """
y1 =~ a1 + a2 + a3
y2 =~ b1 + b2 + b3
x1 =~ c1 + c2 + c3
x2 =~ d1 + d2 + d3
y2 ~ y1 + x1
x2 ~ x1 + y1
y1 ~~ x1
y2 ~~ x2
a1 ~~ b1
a2 ~~ b2
a3 ~~ b3
c1 ~~ d1
""",
    "large": "\n".join([*_measured(8, 8), *_LARGE.split("; ")]),
    "large_cfa": _cfa(8, 7),
    "long_names": """
interdepartmental_coordination_quality =~ coordination_quality_item_number_one + item_two
営業と業務の連携 =~ 質問一 + 質問二 + 質問三
Zufriedenheit_der_Führungskräfte =~ Größe + Übermaß
営業と業務の連携 ~ interdepartmental_coordination_quality
Zufriedenheit_der_Führungskräfte ~ 営業と業務の連携 + interdepartmental_coordination_quality
""",
    "composite": """
ses <~ income + education + occupation
health =~ h1 + h2 + h3
health ~ ses + age
""",
    "covariances_only": """
a ~~ b
a ~~ c
b ~~ c
a ~~ d
""",
    "moderate_structural": """
tech =~ t1 + t2 + t3
org =~ o1 + o2 + o3
env =~ e1 + e2 + e3
adopt =~ a1 + a2 + a3
use =~ u1 + u2 + u3
value =~ v1 + v2 + v3
adopt ~ tech + org + env
use ~ adopt + org
value ~ use + adopt + env
tech ~~ org
tech ~~ env
org ~~ env
use ~~ value
""",
    "item_regression": """
f =~ a + b + c + d
a ~ x
g =~ e + h + i
g ~ f + x
d ~ x
""",
    "lonely": "y ~ x",
}
