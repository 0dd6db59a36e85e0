"""Common first names in France, folded: they tell a person from another proper noun."""

# Authored for the project from general knowledge; it is no register of anyone.
FIRST_NAMES_WORDS = """
adele adrien agathe agnes aicha aime alain alban albert alberte alexandra alexandre alexis alice
aline alphonse amandine amelie amine anais anatole andre andree angele angelique anissa anita
anne annick annie anthony antoine antoinette antonin apolline ariane arlette armand armelle
arnaud arthur aude audrey auguste augustin aurelie aurelien axel aymeric baptiste barbara
bastien beatrice benedicte benjamin benoit berenice bernadette bernard bertrand blanche boris
brice brigitte bruno camille capucine carine carla carole caroline catherine cecile cedric
celeste celia celine chantal charlene charles charline charlotte chloe christelle christian
christiane christine christophe claire clara clarisse claude claudette claudine clemence clement
clementine clotilde colette coline constance coralie corentin corinne cyril cyrille damien
daniel daniele danielle david delphine denis denise diane didier dimitri dominique dorothee
edith edmond edouard eliane elisa elisabeth elise ella elodie eloise elsa emeline emile emilie
emma emmanuel emmanuelle enzo eric erwan estelle esther ethan etienne eugene eugenie eva eve
evelyne fabien fabienne fabrice fanny farid fatima faustine felix ferdinand fernand fernande
fiona flavie flora florence florent florian francine francis franck francois francoise frederic
frederique gabriel gabrielle gael gaelle gaspard gaston gauthier genevieve georges georgette
gerald geraldine gerard germaine ghislaine gilbert gilberte gilles ginette gisele gregoire
gregory guillaume gustave guy gwenaelle hamza helene henri henriette herve honorine hortense
hubert hugo hugues ibrahim ida ines ingrid irene iris isabelle ismael jacqueline jacques jade
jean jeanne jeannine jeannot jeremie jeremy jerome jessica joachim jocelyne joel joelle johanna
jonathan jordan joseph josephine josette joshua josiane juliane julie julien juliette justine
karim karima karine katia kevin khadija killian laetitia laura laure laurence laurent laurette
lea leila lena leo leon leonard leonie leopold lilian liliane lina lionel lisa lise loic lola
louis louise louisette loup luc lucas lucette lucie lucien lucienne lucile ludivine ludovic
lydia lydie madeleine mael maelle magali malik manon manuel marc marcel marcelle margaux margot
marguerite maria mariam marianne marie marielle marine marion marius marjorie martial martin
martine maryse maryvonne mathieu mathilde mathis matthieu maud maurice maxence maxime melanie
melissa michael michel michele micheline michelle mickael mireille mohamed monique morgane
mourad mylene myriam nabil nadege nadia nadine naima nathalie nathan nawel nicolas nicole nina
noe noel noelle noemie nora norbert odette odile olga olivia olivier ophelie oscar pascal
pascale patrice patricia patrick paul paule paulette pauline perrine philippe pierre pierrette
quentin rachel rachid raoul raphael raymond raymonde regine regis reine remi remy renaud rene
renee richard robert roberte robin roger roland rolande romain romane romuald rosalie rose
roseline roxane sabine sabrina salome samia samir samuel sandra sandrine sara sarah sebastien
serge severine simon simone sofia solange solene sonia sophie stephane stephanie suzanne suzette
sylvain sylvaine sylvette sylviane sylvie tanguy tania tatiana theo theodore theophile therese
thibault thierry thomas tiphaine tom tristan ugo valentin valentine valerie vanessa veronique
victoire victor victoria vincent violette virginie viviane wilfried william xavier yann yannick
yasmine yohan yolande yves yvette yvon yvonne zoe zoubida
"""
FIRST_NAMES = frozenset(FIRST_NAMES_WORDS.split())
