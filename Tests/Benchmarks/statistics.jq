# From samples to rows of the tables. All times arrive in nanoseconds and leave in milliseconds.

def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
# The median distance from the median: how far a typical reading lies off.
def deviation: median as $middle | map(. - $middle | fabs) | median;
def p95: sort | .[((length - 1) * 0.95) | ceil];

# The samples in milliseconds of one command of `interleave`'s output.
def milliseconds($name): map(select(.name == $name)) | first.samples_ns | map(. / 1e6);
# The same with the empty command taken off.
def net($name): (milliseconds("nothing") | median) as $nothing | milliseconds($name) | map(. - $nothing);

def rounded($digits): if . == null then null else (. * pow(10; $digits) | round) / pow(10; $digits) end;

# A row of bench.json. `samples` must not be empty; `baseline` is a row or null; `budget` is null, or
# {"ratio": most} of the baseline, or {"value": most} of the value itself.
def row($name; $unit; $samples; $baseline; $budget; $where):
    ($samples | median) as $value
    | (if $baseline then $value / $baseline.value else null end) as $ratio
    | {
        name: $name, value: ($value | rounded(3)), unit: $unit,
        baseline: ($baseline.value // null), against: ($baseline.name // null), ratio: ($ratio | rounded(3)),
        samples: ($samples | length), min: ($samples | min | rounded(3)), p95: ($samples | p95 | rounded(3)),
        deviation: ($samples | deviation | rounded(3)),
        budget: ($budget.value // $budget.ratio // null),
        met: (if $budget == null then null elif $budget.value then $value <= $budget.value else $ratio <= $budget.ratio end),
        where: $where
    };

def budget_text:
    if .budget == null then ""
    elif .ratio != null then "≤ \(.budget) × \(if .met then "met" else "MISSED" end)"
    else "≤ \(.budget) \(.unit) \(if .met then "met" else "MISSED" end)" end;

# Rows as tab-separated lines, those of one place together.
def table:
    (reduce .[] as $row ([]; if index($row.where) then . else . + [$row.where] end)) as $places
    | ["", "median", "min", "p95", "±", "unit", "ratio", "n", "budget"],
      ($places[] as $where
        | ["[\($where)]"],
          (.[] | select(.where == $where)
            | ["  " + .name, .value, .min, .p95, .deviation, .unit, .ratio // "", .samples, budget_text]))
    | @tsv;
