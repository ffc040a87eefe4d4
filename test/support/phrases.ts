/** A phrase that user-facing text must not contain. */
export interface Phrase {
  readonly phrase: RegExp;
  /** The text to write instead. */
  readonly remedy: string;
  /** A text that contains the phrase. */
  readonly found: string;
  /** A similar text that does not. */
  readonly allowed?: string;
}

/** A space in the expression matches any white space, including a line break. */
function refused(expression: RegExp, remedy: string, found: string, allowed?: string): Phrase {
  const phrase = new RegExp(expression.source.replace(/ /g, '\\s+'), `${expression.flags}g`);
  return { phrase, remedy, found, allowed };
}

/** Archaisms and literary words. */
const ARCHAISMS: Phrase[] = [
  refused(/\banew\b/i, 'again', 'a value that is generated anew'),
  refused(/\bafresh\b/i, 'again', 'the rotation starts afresh'),
  refused(/\b(there|here|where)(of|in|by|upon|with)\b/i, 'repeat the noun', 'the deletion thereof', 'there is no key'),
  refused(
    /(^|, |; |\bor |\bsince |\. )else(?! (if|branch))\b/i,
    'otherwise', 'allow CloudWatch, or else alarms are lost', 'nothing else is created',
  ),
  refused(/\bbut for\b/i, 'except', 'kept, but for a rollback'),
  refused(
    /\b(all|nothing|none|nobody|everything) save\b|, save (for|where|when|that)\b/i,
    'except', 'everything, save where a service requires it', 'save the file',
  ),
  refused(/\b(taught|teach(es|ing)?)\b/i, 'allow, or extend the policy', 'the key is taught CloudWatch'),
  refused(/\bmend(s|ed|ing)?\b/i, 'fix', 'deleting the site mends it', 'recommended'),
  refused(/\bin place of\b/i, 'instead of', 'a role in place of the policy'),
  refused(/\bwhom\b/i, 'rewrite the sentence', 'for whom it comes'),
  refused(/\b(whoever|whosoever|whichever way)\b/i, 'anyone who, or name the principal', 'whoever deploys'),
  refused(
    /\b(for ever|hitherto|henceforth|lest|whilst|amongst|naught|nought)\b/i,
    'archaic', 'the same value for ever',
  ),
  refused(/\bneed not\b/i, 'does not need to', 'the key need not be imported'),
  refused(/\bfor want of\b/i, 'because of missing', 'killed for want of memory'),
  refused(/\bshall\b/i, 'must or will', 'the app shall pass it'),
  refused(/\ball the same\b/i, 'nevertheless', 'set explicitly all the same'),
  refused(/\band the like\b/i, 'name the things, or "and similar"', '`CfnInclude` and the like'),
  refused(/\bin (silence|the open)\b/i, 'without an error, or in plaintext', 'alarms are lost in silence'),
];

/** Inverted sentences. */
const INVERSIONS: Phrase[] = [
  refused(
    /(^|[.:;]\s+)(Refused|Taken|Weighed|Added|Missing|Chosen|Left out|Lost|Told) (is|are|was|were)\b/m,
    'subject first', 'Refused are a second call and a blank reason', 'a blank reason is refused',
  ),
  refused(/\b(out goes?|in comes?|in come)\b/i, 'subject first', 'Out goes HTTPS'),
  refused(/\bthat which\b/i, 'name the thing', 'that which is recorded'),
  refused(
    /^\s*(What(?! it creates$)|Who|Where|From (how|where|which)|By (what|which)|Something that)\b/,
    'start with a noun or a verb', 'What the bucket holds', 'What it creates',
  ),
  refused(/\bso (is|are|does|do|has|have) (a|an|the|one|each|every)\b/i, 'repeat the verb', 'so does each rollback'),
  refused(/\bbe it\b|\bwere (it|they|(an?|the|this) \w+) to\b/i, 'if …', 'were a ring to become another kind'),
];

/** Vague verbs, and verbs that describe resources as persons. */
const VAGUE_VERBS: Phrase[] = [
  refused(/\btold\b/i, 'notified, reported, logged, or recognized', 'nobody is told'),
  refused(
    /\btells? (of|apart|whether|nothing|nobody|somebody|when)\b/i,
    'reports, or distinguishes', 'an alarm tells of it',
  ),
  refused(/\b(comes?|came) to\b/i, 'state what it does', 'how no bucket comes to be public'),
  refused(/\baloud\b/i, 'explicitly', 'the default, said aloud'),
  refused(/\bsaid\b/i, 'specified, stated, or set', 'unless a scope is said to be disposable'),
  refused(
    /\bsays? (so|no|nothing|otherwise)\b/i,
    'state the fact', 'whatever the app says otherwise', 'the page says that',
  ),
  refused(
    /\b(stands?|stood|standing) (under|in|beside|behind|outside|there|below|between|at|on|by|alone|apart|aside)\b/i,
    'is', 'the function stands outside of the VPC', 'IAM stands for',
  ),
  refused(
    /\b(is|are|was|were|be|been|being) made\b(?! (up|available|public|possible))/i,
    'is created', 'a key is made for it', 'the bucket is made public',
  ),
  refused(
    new RegExp('\\b(makes?|making) (a|an|the|its|one|no|two|each|every|another) (new )?'
      + '(key|bucket|stack|alarm|role|table|function|queue|topic|dashboard|secret|version|resource|record|rule|policy|'
      + 'log group|web ACL|load balancer|service|cluster|instance|user|construct|certificate|subnet|VPC|endpoint|'
      + 'detector|analyzer|recorder|trail|hub|budget)s?\\b', 'i'),
    'creates', 'the construct makes a key', 'the construct makes the request fail',
  ),
  refused(/\bwants? (to be|watched)\b/i, 'state the requirement', 'a construct that wants to be watched'),
  refused(/\blets? \w+ in\b|\blet in\b/i, 'allow', 'the policy lets CloudWatch in'),
  refused(/\blets? (everything|everybody|nothing|nobody|all)\b/i, 'allow', 'a group lets everything out'),
  refused(/\b(go|goes|gone|went|going) with (its|their|the|a)\b/i, 'is deleted with', 'data that goes with its stack'),
  refused(/\b(is|are|was|were|be|been) given up\b/i, 'is relaxed, or is discarded', 'what was given up'),
  refused(/\bgo(es|ing)? on (\w+ing|to)\b/i, 'continues', 'the old value goes on working'),
  refused(/\bspeaks?\b/i, 'supports, or accepts', 'a listener still speaks TLS 1.0'),
  refused(
    /\banswers? (over|from|for|nobody|everybody|with)\b/i,
    'responds, or accepts', 'a distribution answers over HTTP',
  ),
  refused(/\bknows? (no|nothing)\b/i, 'has no', 'Inspector knows no narrower resource'),
  refused(/\bas (it|they) pleases?\b/i, 'any', 'it names the region as it pleases'),
  refused(/\bforgets\b/i, 'deletes', 'a bucket that keeps log files and then forgets them'),
  refused(/\bis due to (the|a) (fact)\b/i, 'because', 'this is due to the fact that'),
];

/** Vague nouns and pronouns. */
const VAGUE_NOUNS: Phrase[] = [
  refused(
    /\bways? (out|round|around)\b|\bway in\b(?! which)/i,
    'name the path or the rule',
    'the only way out',
    'the way in which',
  ),
  refused(/\bentrances?\b/, 'load balancer', 'requests through the entrance'),
  refused(
    /\b(a|the|each|one|no|these|its) notices?\b|\bnotices\b/i,
    'notification',
    'a notice about costs',
    'users notice',
  ),
  refused(/\bby hand\b/i, 'manually, or a person', 'deleted by hand', 'by handler'),
  refused(/\b(somebody|everybody|anybody)\b/i, 'name the person or the principal', 'somebody has to look'),
  refused(/\bthe house\b/i, 'the library', 'as the house has it'),
  refused(/\bone of (its|their|our|his) own\b/i, 'a new …', 'the default is one of its own'),
  refused(/\bof (ours|theirs|mine|yours)\b/i, 'name the owner', 'a handler of ours'),
  refused(
    /\bunder (a|the|its|this|that|one|another|your|their|S3's|our)( [\w-]+){0,2} keys?\b/i,
    'encrypted with',
    'files under a customer-managed key',
  ),
  refused(
    /\b(accounts?|stacks?|constructs?|services?|resources?|regions?|one|these|this|that|property|secrets?|topics?|it) alone\b/i,
    'only',
    'on behalf of this account alone',
  ),
  refused(/\b(quarter of an|half an) hour\b/i, 'a number and a unit', 'above 90 % for a quarter of an hour'),
  refused(/\b(bits|room|time) to spare\b/i, 'unused', 'neither padding nor bits to spare'),
];

/** Spelling: American English, and the names that AWS uses. */
const SPELLING: Phrase[] = [
  refused(/\bsynthesis(e|ed|ing|er)\b/i, 'synthesize', 'the synthesised template', 'a synthesis, syntheses'),
  refused(
    /\b\w*(organi|authori|recogni|initiali|customi|normali|seriali|minimi|summari|utili|categori|finali|optimi)s(e|ed|es|ing|ation)\b/i,
    '-ize',
    'an authorised user',
    'a promise',
  ),
  refused(
    /\b(behaviour|colour|favour|honour|neighbour|licence|catalogue|centre|programme|grey|defence)(s|ed|ing)?\b/i,
    'American spelling',
    'a cache behaviour',
  ),
  refused(/\b(cancell|labell|modell|travell|signall)(ed|ing)\b/i, 'American spelling', 'a cancelled request'),
  refused(/\be-mails?\b/i, 'email', 'an e-mail address'),
  refused(/\bcustomer-managed (KMS )?keys?\b/i, 'customer managed key', 'a customer-managed key'),
  refused(/\blower-case|upper-case\b/i, 'lowercase, uppercase', 'an upper-case letter'),
];

/** Traces of earlier versions. */
const HISTORY: Phrase[] = [
  refused(
    /\b(formerly|previously (called|named|known)|used to be (called|named)|was renamed|renamed (from|to)|no longer (called|named))\b/i,
    'describe the present',
    'formerly Monitoring',
  ),
  refused(
    /\b(as of this change|in an earlier version of this library|before this (change|issue|restructuring))\b/i,
    'describe the present',
    'before this change',
  ),
];

/** All phrases. */
export const PHRASES: Phrase[] = [
  ...ARCHAISMS, ...INVERSIONS, ...VAGUE_VERBS, ...VAGUE_NOUNS, ...SPELLING, ...HISTORY,
];
